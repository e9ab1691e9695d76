"""Whisper model folders in miniature, and what transformers computes with them, for tests/inference/whisper-folders.test.ts.

usage: make_whisper_folders.py OUT_DIR     (OUT_DIR: tests/golden/whisper-folders)

One model of random weights (16 wide, 128 mel bins, two encoder layers and one decoder layer as distilled models have, the vocabulary of an
English-only model in miniature), saved in every layout that is read: safetensors (bfloat16), safetensors in shards (float32), torch
(float16), and CTranslate2 (float16, int8), by transformers and CTranslate2 themselves. Of each, the logits that transformers gives for
the very weights that the file holds. Needs torch, transformers, ctranslate2, numpy.
"""
import json, os, shutil, struct, sys
import ctranslate2.converters.transformers as converters
import numpy as np, torch
from transformers import WhisperConfig, WhisperForConditionalGeneration

WIDTH, MEL, CONTROLS = 16, 128, ["endoftext", "startoftranscript", "translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
TOKENS = 256 + len(CONTROLS) + 1501
IDS = [257, 72, 101, 108, 108, 111]


def byte_letters():
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    letters, extra = {}, 0x100
    for byte in range(256):
        if byte in printable:
            letters[byte] = chr(byte)
        else:
            letters[byte] = chr(extra)
            extra += 1
    return [letters[byte] for byte in range(256)]


def random_model():
    torch.manual_seed(7)
    config = WhisperConfig(
        vocab_size=TOKENS, num_mel_bins=MEL, d_model=WIDTH, encoder_layers=2, decoder_layers=1,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=24, decoder_ffn_dim=20,
        pad_token_id=256, bos_token_id=256, eos_token_id=256, decoder_start_token_id=257,
        suppress_tokens=[1, 2], begin_suppress_tokens=[32, 256],
    )
    model = WhisperForConditionalGeneration(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "encoder.embed_positions" not in name:
                parameter.normal_(std=0.3)
    model.generation_config.alignment_heads = [[0, 1]]
    model.generation_config.suppress_tokens = [1, 2]
    model.generation_config.begin_suppress_tokens = [32, 256]
    return model


def mel():
    bins, frames = np.meshgrid(np.arange(MEL), np.arange(3000), indexing="ij")
    return np.sin(0.1 * bins + 0.01 * frames).astype(np.float32)


def logits(model):
    with torch.no_grad():
        out = model.float()(input_features=torch.from_numpy(mel())[None], decoder_input_ids=torch.tensor([IDS]))
    # every 25th token of every row
    return out.logits[0, :, ::25].numpy().round(5).tolist()


def to_ctranslate2(model, folder, quantization):
    loader = converters.WhisperLoader()
    spec = loader.get_model_spec(model)
    tokens = vocabulary()
    spec.register_vocabulary(tokens)
    config = spec.config
    config.suppress_ids, config.suppress_ids_begin, config.alignment_heads, config.lang_ids = [1, 2], [32, 256], [[0, 1]], []
    spec.validate()
    spec.optimize(quantization=quantization)
    os.makedirs(folder, exist_ok=True)
    spec.save(folder)


def vocabulary():
    times = [f"<|{step / 50:.2f}|>" for step in range(1501)]
    return byte_letters() + [f"<|{name}|>" for name in CONTROLS] + times


def dequantized(path, model):
    """The model with the weights that an int8 `model.bin` stands for, read here by the format's description."""
    types = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
    variables = {}
    with open(path, "rb") as f:
        u32 = lambda: struct.unpack("<I", f.read(4))[0]
        text = lambda: f.read(struct.unpack("<H", f.read(2))[0])[:-1].decode()
        u32(), text(), u32()
        for _ in range(u32()):
            name = text()
            dims = [u32() for _ in range(f.read(1)[0])]
            dtype = types[f.read(1)[0]]
            variables[name] = np.frombuffer(f.read(u32()), dtype).reshape(dims).astype(np.float32)
    state = dict(model.state_dict())

    def weight(name):
        value, scale = variables[f"{name}/weight"], variables.get(f"{name}/weight_scale")
        return value if scale is None else value / scale.reshape(-1, *[1] * (value.ndim - 1))

    def put(target, value):
        assert state[target].shape == value.shape, target
        state[target] = torch.from_numpy(np.ascontiguousarray(value))

    def put_linear(name, *targets):
        for index, part in enumerate(np.split(weight(name), len(targets))):
            put(f"{targets[index]}.weight", part)
        for index, part in enumerate(np.split(variables[f"{name}/bias"], len(targets))):
            if f"{targets[index]}.bias" in state:
                put(f"{targets[index]}.bias", part)

    for conv in ("conv1", "conv2"):
        put_linear(f"encoder/{conv}", f"model.encoder.{conv}")
    put("model.decoder.embed_tokens.weight", weight("decoder/embeddings"))
    put("proj_out.weight", weight("decoder/embeddings"))
    for side, layers in (("encoder", 2), ("decoder", 1)):
        for layer in range(layers):
            ours, theirs = f"{side}/layer_{layer}", f"model.{side}.layers.{layer}"
            put_linear(f"{ours}/self_attention/linear_0", *[f"{theirs}.self_attn.{part}_proj" for part in "qkv"])
            put_linear(f"{ours}/self_attention/linear_1", f"{theirs}.self_attn.out_proj")
            put_linear(f"{ours}/ffn/linear_0", f"{theirs}.fc1")
            put_linear(f"{ours}/ffn/linear_1", f"{theirs}.fc2")
            if side == "decoder":
                put_linear(f"{ours}/attention/linear_0", f"{theirs}.encoder_attn.q_proj")
                put_linear(f"{ours}/attention/linear_1", *[f"{theirs}.encoder_attn.{part}_proj" for part in "kv"])
                put_linear(f"{ours}/attention/linear_2", f"{theirs}.encoder_attn.out_proj")
    copy = random_model()
    copy.load_state_dict(state)
    return copy


def rounded(dtype):
    return random_model().to(dtype).float()


def main(out):
    shutil.rmtree(out, ignore_errors=True)
    golden = {"madeBy": f"make_whisper_folders.py, transformers {__import__('transformers').__version__}, ctranslate2 {__import__('ctranslate2').__version__}", "ids": IDS, "logits": {}}
    random_model().to(torch.bfloat16).save_pretrained(f"{out}/safetensors")
    golden["logits"]["safetensors"] = logits(rounded(torch.bfloat16))
    random_model().save_pretrained(f"{out}/shards", max_shard_size="60KB")
    golden["logits"]["shards"] = logits(random_model())
    os.makedirs(f"{out}/torch")
    # `WhisperModel`: the same tensors without the prefix, and no projection of its own.
    torch.save(random_model().to(torch.float16).model.state_dict(), f"{out}/torch/pytorch_model.bin")
    golden["logits"]["torch"] = logits(rounded(torch.float16))
    for name in ("config.json", "generation_config.json"):
        shutil.copy(f"{out}/shards/{name}", f"{out}/torch/{name}")
    to_ctranslate2(random_model(), f"{out}/ctranslate2", "float16")
    golden["logits"]["ctranslate2"] = logits(rounded(torch.float16))
    to_ctranslate2(random_model(), f"{out}/int8", "int8")
    golden["logits"]["int8"] = logits(dequantized(f"{out}/int8/model.bin", random_model()))

    # Each layout with another of the vocabularies that come with it.
    tokens = vocabulary()
    ids = {token: index for index, token in enumerate(tokens)}
    added = [{"id": ids[f"<|{name}|>"], "content": f"<|{name}|>"} for name in CONTROLS]
    plain = {token: index for token, index in ids.items() if index < 256}
    tokenizer = {"model": {"vocab": plain, "merges": []}, "added_tokens": added}
    dump = lambda value, path: json.dump(value, open(path, "w"), ensure_ascii=False)
    dump(tokenizer, f"{out}/safetensors/tokenizer.json")
    for folder in ("shards", "torch"):
        dump(plain, f"{out}/{folder}/vocab.json")
        dump({token["content"]: token["id"] for token in added}, f"{out}/{folder}/added_tokens.json")
    os.rename(f"{out}/int8/vocabulary.json", f"{out}/int8/vocabulary.txt")
    open(f"{out}/int8/vocabulary.txt", "w").write("\n".join(tokens) + "\n")
    dump(golden, f"{out}/golden.json")


main(*sys.argv[1:])
