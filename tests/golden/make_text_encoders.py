"""Golden values of the text encoders: token ids by `tokenizers`, MiniLM by onnxruntime, SPLADE by plain torch.

    python tests/golden/make_text_encoders.py CACHE/models > tests/golden/text-encoders.json

Needs tokenizers, onnxruntime, torch, safetensors and the models that `lectern models pull` brings.
"""
import json
import sys

import numpy as np
import onnxruntime
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

TEXTS = [
    "How many parity bits protect a thousand data bits?",
    "Richard Hamming's machine gave up; it went on to the next job.",
    "Café naïveté, 東京 and the year 1948 — isn't it?",
    "no",
]
PAIR = ("What is a code?", "A code adds bits so that errors can be found.")


def bert_hidden(w, ids, mask, prefix="bert."):
    """BERT in eval mode; ids and mask are [texts, tokens]."""
    layer_norm = lambda x, n: torch.nn.functional.layer_norm(x, x.shape[-1:], w[n + ".gamma"], w[n + ".beta"], 1e-12)
    dense = lambda x, n: x @ w[n + ".weight"].T + w[n + ".bias"]
    e = prefix + "embeddings."
    x = w[e + "word_embeddings.weight"][ids] + w[e + "position_embeddings.weight"][: ids.shape[1]] + w[e + "token_type_embeddings.weight"][0]
    x = layer_norm(x, e + "LayerNorm")
    penalty = (1 - mask[:, None, None, :].float()) * -10000
    layer = 0
    while f"{prefix}encoder.layer.{layer}.output.dense.weight" in w:
        n = f"{prefix}encoder.layer.{layer}."
        split = lambda t: t.view(t.shape[0], t.shape[1], -1, 64).transpose(1, 2)
        q, k, v = (split(dense(x, n + "attention.self." + p)) for p in ("query", "key", "value"))
        a = torch.softmax(q @ k.transpose(2, 3) / 8 + penalty, -1) @ v
        a = dense(a.transpose(1, 2).flatten(2), n + "attention.output.dense")
        x = layer_norm(a + x, n + "attention.output.LayerNorm")
        h = dense(torch.nn.functional.gelu(dense(x, n + "intermediate.dense")), n + "output.dense")
        x = layer_norm(h + x, n + "output.LayerNorm")
        layer += 1
    return x


def main(models):
    tokenizer = Tokenizer.from_file(f"{models}/splade-tiny/tokenizer.json")
    tokenizer.no_padding()
    encoded = [tokenizer.encode(t) for t in TEXTS]
    session = onnxruntime.InferenceSession(f"{models}/minilm-l6-int8/model.onnx", providers=["CPUExecutionProvider"])
    dense = []
    for e in encoded:
        ids = np.array([e.ids], dtype=np.int64)
        states = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)})[0][0]
        mean = states.mean(0)
        dense.append((mean / np.linalg.norm(mean))[:16].round(5).tolist())
    w = load_file(f"{models}/splade-tiny/model.safetensors")
    sparse = []
    for e in encoded:
        ids = torch.tensor([e.ids])
        x = bert_hidden(w, ids, torch.ones_like(ids))
        x = torch.nn.functional.gelu(x @ w["cls.predictions.transform.dense.weight"].T + w["cls.predictions.transform.dense.bias"])
        x = torch.nn.functional.layer_norm(x, x.shape[-1:], w["cls.predictions.transform.LayerNorm.gamma"], w["cls.predictions.transform.LayerNorm.beta"], 1e-12)
        logits = x @ w["bert.embeddings.word_embeddings.weight"].T + w["cls.predictions.bias"]
        weights = torch.log1p(torch.relu(logits)).amax(1)[0]
        top = torch.topk(weights, 12)
        sparse.append({"terms": int((weights > 0).sum()), "top": [[int(i), round(float(v), 4)] for v, i in zip(top.values, top.indices)]})
    pair = tokenizer.encode(*PAIR)
    print(json.dumps({"texts": TEXTS, "ids": [e.ids for e in encoded], "pair": {"texts": PAIR, "ids": pair.ids, "typeIds": pair.type_ids}, "dense": dense, "sparse": sparse}))


main(sys.argv[1])
