"""Golden values of Whisper's CUDA graphs (encoder, beam search, scorer) on weights made by formula, in plain numpy: a model of 2
encoder and 3 decoder layers, 128 mel bins and 48 tokens, for tests/inference/whisper-cuda-graphs.test.ts.

    OMP_NUM_THREADS=1 python tests/golden/make_whisper_cuda.py > tests/golden/whisper-cuda.json
"""
import json
import math

import numpy as np

MEL, WIDTH, HEADS, INNER, VOCABULARY, FRAMES, MAX_TOKENS = 128, 128, 2, 192, 48, 1500, 20
ENCODER_LAYERS, DECODER_LAYERS, SIZE, END, STRIDE = 2, 3, WIDTH // HEADS, 5, 31
ALIGNMENT_HEADS = [[1, 1], [2, 0]]


def numbers(seed, count):
    """Whole numbers hashed to -1 .. 1, the same in any language."""
    with np.errstate(over="ignore"):
        x = (np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x9E3779B1)) ^ np.uint32((seed + 1) * 0x85EBCA6B & 0xFFFFFFFF)
        for shift, factor in ((15, 0x2C1B3C6D), (12, 0x297A2D39)):
            x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
        x ^= x >> np.uint32(15)
    return (x / 2**31 - 1).astype(np.float32)


def dense(name, outputs, inputs):
    return [(name + "/weight", [outputs, inputs]), (name + "/bias", [outputs])]


def norm(name):
    return [(name + "/gamma", [WIDTH]), (name + "/beta", [WIDTH])]


def shapes():
    yield from [("encoder/conv1/weight", [WIDTH, MEL, 3]), ("encoder/conv1/bias", [WIDTH])]
    yield from [("encoder/conv2/weight", [WIDTH, WIDTH, 3]), ("encoder/conv2/bias", [WIDTH])]
    yield ("encoder/position_encodings/encodings", [FRAMES, WIDTH])
    yield ("decoder/position_encodings/encodings", [MAX_TOKENS, WIDTH])
    yield ("decoder/embeddings/weight", [VOCABULARY, WIDTH])
    for side, layers in (("encoder", ENCODER_LAYERS), ("decoder", DECODER_LAYERS)):
        yield from norm(side + "/layer_norm")
        for i in range(layers):
            n = f"{side}/layer_{i}/"
            yield from norm(n + "self_attention/layer_norm") + dense(n + "self_attention/linear_0", 3 * WIDTH, WIDTH)
            yield from dense(n + "self_attention/linear_1", WIDTH, WIDTH)
            if side == "decoder":
                yield from norm(n + "attention/layer_norm") + dense(n + "attention/linear_0", WIDTH, WIDTH)
                yield from dense(n + "attention/linear_1", 2 * WIDTH, WIDTH) + dense(n + "attention/linear_2", WIDTH, WIDTH)
            yield from norm(n + "ffn/layer_norm") + dense(n + "ffn/linear_0", INNER, WIDTH) + dense(n + "ffn/linear_1", WIDTH, INNER)


SHAPES = list(shapes())
W = {}
for ordinal, (name, dims) in enumerate(SHAPES):
    values = numbers(ordinal, math.prod(dims)).reshape(dims)
    amplitude = 2 if name.startswith("decoder/position") else 0.3 if name.startswith("decoder/embed") else 0.125
    W[name] = (values * np.float32(amplitude) + (1 if name.endswith("gamma") else 0)).astype(np.float32).astype(np.float64)

erf = np.vectorize(math.erf)
gelu = lambda x: x * 0.5 * (1 + erf(x / math.sqrt(2)))


def normalise(x, name):
    mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return (x - mean) / np.sqrt(var + 1e-5) * W[name + "/gamma"] + W[name + "/beta"]


def linear(x, name):
    return x @ W[name + "/weight"].T + W[name + "/bias"]


def conv(x, name, stride):
    padded = np.pad(x, ((0, 0), (1, 1)))
    length = (padded.shape[1] - 3) // stride + 1
    columns = np.stack([padded[:, k : k + stride * length : stride] for k in range(3)], -1)
    return np.tensordot(W[name + "/weight"], columns, axes=([1, 2], [0, 2])) + W[name + "/bias"][:, None]


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def heads(x):
    return x.reshape(len(x), HEADS, SIZE).transpose(1, 0, 2)


def attend(q, k, v, mask=None):
    scores = heads(q) @ heads(k).transpose(0, 2, 1) / math.sqrt(SIZE)
    mixed = softmax(scores if mask is None else scores + mask) @ heads(v)
    return mixed.transpose(1, 0, 2).reshape(len(q), WIDTH), scores


def encode(mel):
    x = gelu(conv(gelu(conv(mel, "encoder/conv1", 1)), "encoder/conv2", 2)).T + W["encoder/position_encodings/encodings"]
    for i in range(ENCODER_LAYERS):
        n = f"encoder/layer_{i}/"
        q, k, v = np.split(linear(normalise(x, n + "self_attention/layer_norm"), n + "self_attention/linear_0"), 3, -1)
        x = x + linear(attend(q, k, v)[0], n + "self_attention/linear_1")
        x = x + linear(gelu(linear(normalise(x, n + "ffn/layer_norm"), n + "ffn/linear_0")), n + "ffn/linear_1")
    return normalise(x, "encoder/layer_norm")


def listen(hidden):
    """Keys and values of each decoder layer's cross-attention."""
    return [np.split(linear(hidden, f"decoder/layer_{i}/attention/linear_1"), 2, -1) for i in range(DECODER_LAYERS)]


def decode(tokens, heard):
    """Logits [n, V] and the cross-attention scores of each layer, [heads, n, frames]."""
    x = W["decoder/embeddings/weight"][tokens] + W["decoder/position_encodings/encodings"][: len(tokens)]
    mask = np.triu(np.full((len(tokens), len(tokens)), -np.inf), 1)
    scores = []
    for i in range(DECODER_LAYERS):
        n = f"decoder/layer_{i}/"
        q, k, v = np.split(linear(normalise(x, n + "self_attention/layer_norm"), n + "self_attention/linear_0"), 3, -1)
        x = x + linear(attend(q, k, v, mask)[0], n + "self_attention/linear_1")
        mixed, cross = attend(linear(normalise(x, n + "attention/layer_norm"), n + "attention/linear_0"), *heard[i])
        scores.append(cross)
        x = x + linear(mixed, n + "attention/linear_2")
        x = x + linear(gelu(linear(normalise(x, n + "ffn/layer_norm"), n + "ffn/linear_0")), n + "ffn/linear_1")
    return normalise(x, "decoder/layer_norm") @ W["decoder/embeddings/weight"].T, scores


log_softmax = lambda x: x - x.max() - math.log(np.exp(x - x.max()).sum())


def search(heard, prompt, beams, bias, first_bias, scale=1.0, noise=None):
    """Beam search as Hugging Face's BeamSearchScorer has it: early stopping, length penalty 1 over the whole row."""
    live = [(0.0, list(prompt))]
    finished = []
    while True:
        candidates = []
        for score, tokens in live:
            logits = decode(tokens, heard)[0][-1]
            place = len(tokens) - 1
            logits = (logits + (first_bias if len(tokens) == len(prompt) else bias)) * scale
            if noise is not None:
                logits = logits + noise[place * STRIDE : place * STRIDE + VOCABULARY]
            candidates += [(score + p, tokens, t) for t, p in enumerate(log_softmax(logits))]
        candidates.sort(key=lambda c: -c[0])
        following = []
        for rank, (score, tokens, token) in enumerate(candidates[: 2 * beams]):
            if token == END:
                if rank < beams:
                    finished = sorted(finished + [(score / len(tokens), tokens)], key=lambda f: -f[0])[:beams]
            elif len(following) < beams:
                following.append((score, tokens + [token]))
        live = following
        if len(finished) == beams:
            break
        if len(live[0][1]) == MAX_TOKENS:
            finished = sorted(finished + [(score / len(tokens), tokens) for score, tokens in live], key=lambda f: -f[0])
            break
    return finished[0][1]


def main():
    rows = [encode(numbers(1000 + row, MEL * 3000).reshape(MEL, 3000).astype(np.float64)) for row in range(2)]
    heard = [listen(row) for row in rows]
    bias = numbers(2000, VOCABULARY).astype(np.float64) * 0.5
    bias[[2, 3]] = -1e9
    bias[END] = 1
    first_bias = bias.copy()
    first_bias[END] = -1e9
    noise = numbers(2001, VOCABULARY + STRIDE * MAX_TOKENS).astype(np.float64) * 2
    prompts = [[6, 7, 8], [6, 9, 8]]
    out = {
        "sizes": dict(mel=MEL, width=WIDTH, heads=HEADS, vocabulary=VOCABULARY, maxTokens=MAX_TOKENS, end=END, layers=DECODER_LAYERS),
        "alignmentHeads": ALIGNMENT_HEADS,
        "shapes": SHAPES,
        "prompts": prompts,
        "hidden": [[round(float(v), 5) for v in row[::199, ::17].ravel()] for row in rows],
        "searches": {
            str(beams): [search(h, p, beams, bias, first_bias)[3:] for h, p in zip(heard, prompts)] for beams in (1, 2, 5)
        },
        "drawn": [search(h, p, 1, bias, first_bias, 1 / 0.6, noise)[3:] for h, p in zip(heard, prompts)],
    }
    forced = [p + [11, 30, 4, 17, 5] for p in prompts]
    scores = [decode(t, h) for t, h in zip(forced, heard)]
    out["forced"] = forced
    out["startLogits"] = [[round(float(v), 5) for v in logits[1]] for logits, _ in scores]
    out["logProbabilities"] = [
        [round(float(log_softmax(logits[i] + bias)[t[i + 1]]), 5) for i in range(len(t) - 1)] for (logits, _), t in zip(scores, forced)
    ]
    out["qk"] = [
        [[round(float(v), 5) for v in cross[layer][head][:, ::499].ravel()] for layer, head in ALIGNMENT_HEADS] for _, cross in scores
    ]
    print(json.dumps(out))


main()
