"""Whisper in CTranslate2's form to the folder that transformers.js reads: `python export_whisper.py MODEL_DIR FOLDER`.

By optimum, as the hub's ONNX models for transformers.js are made, with the cross-attentions that word times need, then int8 by
onnxruntime's dynamic quantisation with the settings of transformers.js' own `quantize.py` at `q8`.
"""

import json
import pathlib
import shutil
import struct
import sys
import tempfile

import numpy
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from optimum.exporters.onnx import main_export
from optimum.exporters.onnx.model_configs import WhisperOnnxConfig
from transformers import GenerationConfig, WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration, WhisperTokenizerFast

TYPES = {0: numpy.float32, 1: numpy.int8, 2: numpy.int16, 3: numpy.int32, 4: numpy.float16}
TASK = "automatic-speech-recognition-with-past"
MODELS = ("encoder_model", "decoder_model_merged")


def read_weights(path):
    """Variables of a CTranslate2 `model.bin`, floats as float32."""
    with open(path, "rb") as file:

        def number(form):
            return struct.unpack(f"<{form}", file.read(struct.calcsize(form)))[0]

        def text():
            return file.read(number("H"))[:-1].decode()

        number("I"), text(), number("I")
        weights = {}
        for _ in range(number("I")):
            name, rank = text(), number("B")
            dims = [number("I") for _ in range(rank)]
            kind, size = number("B"), number("I")
            data = numpy.frombuffer(file.read(size), TYPES[kind]).reshape(dims)
            weights[name] = data.astype(numpy.float32) if kind in (0, 4) else data
        return weights


def state_of(weights, layers):
    state = {}

    def put(name, values):
        state[f"model.{name}"] = torch.from_numpy(numpy.ascontiguousarray(values))

    def norm(name, source):
        put(f"{name}.weight", weights[f"{source}/gamma"])
        put(f"{name}.bias", weights[f"{source}/beta"])

    def dense(names, source):
        for name, weight, bias in zip(
            names, numpy.split(weights[f"{source}/weight"], len(names)), numpy.split(weights[f"{source}/bias"], len(names)), strict=True
        ):
            put(f"{name}.weight", weight)
            if not name.endswith("k_proj"):
                put(f"{name}.bias", bias)

    for side in ("encoder", "decoder"):
        put(f"{side}.embed_positions.weight", weights[f"{side}/position_encodings/encodings"])
        norm(f"{side}.layer_norm", f"{side}/layer_norm")
        for layer in range(layers):
            to, source = f"{side}.layers.{layer}", f"{side}/layer_{layer}"
            norm(f"{to}.self_attn_layer_norm", f"{source}/self_attention/layer_norm")
            dense([f"{to}.self_attn.{part}_proj" for part in "qkv"], f"{source}/self_attention/linear_0")
            dense([f"{to}.self_attn.out_proj"], f"{source}/self_attention/linear_1")
            if side == "decoder":
                norm(f"{to}.encoder_attn_layer_norm", f"{source}/attention/layer_norm")
                dense([f"{to}.encoder_attn.q_proj"], f"{source}/attention/linear_0")
                dense([f"{to}.encoder_attn.{part}_proj" for part in "kv"], f"{source}/attention/linear_1")
                dense([f"{to}.encoder_attn.out_proj"], f"{source}/attention/linear_2")
            norm(f"{to}.final_layer_norm", f"{source}/ffn/layer_norm")
            dense([f"{to}.fc1"], f"{source}/ffn/linear_0")
            dense([f"{to}.fc2"], f"{source}/ffn/linear_1")
    for part in ("conv1", "conv2"):
        put(f"encoder.{part}.weight", weights[f"encoder/{part}/weight"])
        put(f"encoder.{part}.bias", weights[f"encoder/{part}/bias"])
    put("decoder.embed_tokens.weight", weights["decoder/embeddings/weight"])
    state["proj_out.weight"] = state["model.decoder.embed_tokens.weight"]
    return state


def save_model(model_dir, folder):
    """The model as Hugging Face lays it out, so that optimum can export it."""
    weights = read_weights(model_dir / "model.bin")
    known = json.loads((model_dir / "config.json").read_text())
    layers = sum(name.endswith("ffn/linear_0/weight") for name in weights if name.startswith("encoder/"))
    (vocabulary, width), heads = weights["decoder/embeddings/weight"].shape, int(weights["decoder/num_heads"])
    ffn, mels = weights["encoder/layer_0/ffn/linear_0/weight"].shape[0], weights["encoder/conv1/weight"].shape[1]
    config = WhisperConfig(
        vocab_size=vocabulary, d_model=width, num_mel_bins=mels, encoder_layers=layers, decoder_layers=layers,
        encoder_attention_heads=heads, decoder_attention_heads=heads, encoder_ffn_dim=ffn, decoder_ffn_dim=ffn,
        decoder_start_token_id=50258, bos_token_id=50257, eos_token_id=50257, pad_token_id=50257,
    )
    # Only this one gives its cross-attentions.
    config._attn_implementation = "eager"
    config.architectures = ["WhisperForConditionalGeneration"]
    model = WhisperForConditionalGeneration(config)
    missing, unexpected = model.load_state_dict(state_of(weights, layers), strict=False)
    if missing or unexpected:
        raise SystemExit(f"weights do not fit: missing {missing}, unexpected {unexpected}")
    tokenizer = WhisperTokenizerFast(tokenizer_file=str(model_dir / "tokenizer.json"), unk_token="<|endoftext|>")
    languages = {tokenizer.convert_ids_to_tokens(token): token for token in known["lang_ids"]}
    no_timestamps = tokenizer.convert_tokens_to_ids("<|notimestamps|>")
    tokenizer.add_tokens([f"<|{step / 50:.2f}|>" for step in range(1501)])
    generation = GenerationConfig(
        decoder_start_token_id=50258, bos_token_id=50257, eos_token_id=50257, pad_token_id=50257, max_length=448,
        suppress_tokens=[token for token in known["suppress_ids"] if token >= 0], begin_suppress_tokens=[220, 50257],
        is_multilingual=True, lang_to_id=languages, alignment_heads=known["alignment_heads"], return_timestamps=False,
        no_timestamps_token_id=no_timestamps, max_initial_timestamp_index=50, prev_sot_token_id=50361,
        task_to_id={task: tokenizer.convert_tokens_to_ids(f"<|{task}|>") for task in ("transcribe", "translate")},
    )
    model.generation_config = generation
    for part in (model, tokenizer, WhisperFeatureExtractor(feature_size=mels), generation):
        part.save_pretrained(folder)


class WithCrossAttentions(WhisperOnnxConfig):
    @property
    def outputs(self):
        outputs = super().outputs
        if self._behavior.value == "decoder":
            for layer in range(self._config.decoder_layers):
                outputs[f"cross_attentions.{layer}"] = {0: "batch_size", 2: "decoder_sequence_length", 3: "encoder_sequence_length / 2"}
        return outputs


def export(source, folder):
    config = WithCrossAttentions(config=WhisperConfig.from_pretrained(source), task="automatic-speech-recognition")
    main_export(
        str(source),
        str(folder),
        task=TASK,
        library_name="transformers",
        model_kwargs={"output_attentions": True},
        custom_onnx_configs={
            "encoder_model": config.with_behavior("encoder"),
            "decoder_model": config.with_behavior("decoder", use_past=True, use_past_in_inputs=False),
            "decoder_with_past_model": config.with_behavior("decoder", use_past=True, use_past_in_inputs=True),
        },
        do_validation=False,
    )


def quantize(source, target):
    """`q8`: unsigned weights where there are convolutions, else signed ones; a scale a tensor."""
    convolves = any(node.op_type == "Conv" for node in onnx.load(source, load_external_data=False).graph.node)
    quantize_dynamic(
        source,
        target,
        weight_type=QuantType.QUInt8 if convolves else QuantType.QInt8,
        extra_options={"EnableSubgraph": True, "MatMulConstBOnly": True},
    )


def main():
    model_dir, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as work:
        source, exported = pathlib.Path(work, "source"), pathlib.Path(work, "exported")
        save_model(model_dir, source)
        export(source, exported)
        (folder / "onnx").mkdir(parents=True, exist_ok=True)
        for model in MODELS:
            quantize(exported / f"{model}.onnx", folder / "onnx" / f"{model}_quantized.onnx")
        for path in source.glob("*.json"):
            shutil.copy(path, folder / path.name)


if __name__ == "__main__":
    main()
