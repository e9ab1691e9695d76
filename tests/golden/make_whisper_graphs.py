"""Golden numbers of Whisper base (CTranslate2, float32) for tests/inference/whisper-graphs.test.ts.

usage: make_whisper_graphs.py MODEL_DIR AUDIO OUT.json     (MODEL_DIR: model.bin, config.json, tokenizer.json)

The input is the log-mel of the first 6 s of AUDIO (the demo lecture, a synthetic voice) rounded to 8 bits, so that the
test and this script see exactly the same numbers. Needs ctranslate2, faster-whisper, numpy.
"""
import base64, json, struct, sys
import ctranslate2, numpy as np
from faster_whisper.audio import decode_audio
from faster_whisper.feature_extractor import FeatureExtractor

FRAMES, SOT, EN, TRANSCRIBE, NO_TIMESTAMPS, EOT = 600, 50258, 50259, 50359, 50363, 50257


def read_model(path):
    types = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
    with open(path, "rb") as f:
        u32 = lambda: struct.unpack("<I", f.read(4))[0]
        text = lambda: f.read(struct.unpack("<H", f.read(2))[0])[:-1].decode()
        u32(), text(), u32()
        variables = {}
        for _ in range(u32()):
            name = text()
            dims = [u32() for _ in range(f.read(1)[0])]
            dtype = types[f.read(1)[0]]
            variables[name] = np.frombuffer(f.read(u32()), dtype).reshape(dims).astype(np.float32)
    return variables


def main(model_dir, audio, out):
    mel = FeatureExtractor()(decode_audio(audio)[: 16000 * FRAMES // 100])[:, :FRAMES]
    low, high = float(mel.min()), float(mel.max())
    codes = np.round((mel - low) / (high - low) * 255).astype(np.uint8)
    window = np.full((1, 80, 3000), low, np.float32)
    window[0, :, :FRAMES] = (codes.astype(np.float64) / 255 * (high - low) + low).astype(np.float32)

    model = ctranslate2.models.Whisper(model_dir, compute_type="float32", intra_threads=2)
    features = ctranslate2.StorageView.from_array(window)
    encoded = model.encode(features)
    hidden = np.array(encoded)[0]
    variables = read_model(f"{model_dir}/model.bin")

    prompt = [SOT, EN, TRANSCRIBE, NO_TIMESTAMPS]
    greedy = model.generate(encoded, [prompt], beam_size=1, suppress_blank=False, suppress_tokens=[], max_length=60, return_no_speech_prob=True)[0]
    ids = greedy.sequences_ids[0]
    # align() adds <|notimestamps|> itself; its probabilities are over the text tokens alone.
    aligned = model.align(encoded, prompt[:3], [ids], FRAMES, median_filter_width=7)[0]
    languages = sorted(model.detect_language(encoded)[0], key=lambda pair: -pair[1])[:5]

    cross = {}
    for layer in (0, 5):
        fused = hidden @ variables[f"decoder/layer_{layer}/attention/linear_1/weight"].T
        fused += variables[f"decoder/layer_{layer}/attention/linear_1/bias"]
        for index, name in enumerate(("key", "value")):
            heads = fused[:, index * 512 : (index + 1) * 512].reshape(1500, 8, 64)
            # every 97th frame of heads 0 and 7, every 9th channel
            cross[f"cross_{name}_{layer}"] = heads[::97, ::7, ::9].round(5).tolist()

    json.dump(
        {
            "madeBy": f"make_whisper_graphs.py, ctranslate2 {ctranslate2.__version__}, float32",
            "mel": {"low": low, "high": high, "frames": FRAMES, "codes": base64.b64encode(codes.tobytes()).decode()},
            "cross": cross,
            "prompt": prompt,
            "greedy": ids,
            "noSpeechProbability": greedy.no_speech_prob,
            "languages": languages,
            "tokenProbabilities": [round(p, 6) for p in aligned.text_token_probs],
            "alignment": [[int(a), int(b)] for a, b in aligned.alignments],
        },
        open(out, "w"),
    )
    print(len(ids), ids, languages, greedy.no_speech_prob, aligned.text_token_probs[:5])


main(*sys.argv[1:])
