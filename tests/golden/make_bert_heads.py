"""Golden values of BERT with its heads (embedding, cross-encoder), on weights made by formula (none for these come with Lectern as
safetensors), in plain torch.

    python tests/golden/make_bert_heads.py > tests/golden/bert-heads.json
"""
import json
import math

import torch

WIDTH, INNER, LAYERS, VOCABULARY, POSITIONS = 128, 256, 2, 50, 16


def shapes():
    e = "bert.embeddings."
    yield e + "word_embeddings.weight", [VOCABULARY, WIDTH]
    yield e + "position_embeddings.weight", [POSITIONS, WIDTH]
    yield e + "token_type_embeddings.weight", [2, WIDTH]
    yield from norm(e + "LayerNorm")
    for layer in range(LAYERS):
        n = f"bert.encoder.layer.{layer}."
        for part in ("query", "key", "value"):
            yield from dense(n + "attention.self." + part, WIDTH, WIDTH)
        yield from dense(n + "attention.output.dense", WIDTH, WIDTH)
        yield from norm(n + "attention.output.LayerNorm")
        yield from dense(n + "intermediate.dense", INNER, WIDTH)
        yield from dense(n + "output.dense", WIDTH, INNER)
        yield from norm(n + "output.LayerNorm")
    yield from dense("bert.pooler.dense", WIDTH, WIDTH)
    yield from dense("classifier", 1, WIDTH)


def dense(name, outputs, inputs):
    yield name + ".weight", [outputs, inputs]
    yield name + ".bias", [outputs]


def norm(name):
    yield name + ".weight", [WIDTH]
    yield name + ".bias", [WIDTH]


def weight(ordinal, shape):
    """The same formula stands in the test."""
    size = math.prod(shape)
    return torch.tensor([0.3 * math.sin((i + 1) * (ordinal + 3) * 0.7) for i in range(size)]).view(shape)


W = {name: weight(ordinal, shape) for ordinal, (name, shape) in enumerate(shapes())}


def run(ids, types, mask):
    ids, types, mask = (torch.tensor(t) for t in (ids, types, mask))
    layer_norm = lambda x, n: torch.nn.functional.layer_norm(x, x.shape[-1:], W[n + ".weight"], W[n + ".bias"], 1e-12)
    lin = lambda x, n: x @ W[n + ".weight"].T + W[n + ".bias"]
    e = "bert.embeddings."
    x = layer_norm(W[e + "word_embeddings.weight"][ids] + W[e + "position_embeddings.weight"][: ids.shape[1]] + W[e + "token_type_embeddings.weight"][types], e + "LayerNorm")
    penalty = (1 - mask[:, None, None, :].float()) * -10000
    for layer in range(LAYERS):
        n = f"bert.encoder.layer.{layer}."
        split = lambda t: t.view(t.shape[0], t.shape[1], -1, 64).transpose(1, 2)
        q, k, v = (split(lin(x, n + "attention.self." + p)) for p in ("query", "key", "value"))
        a = (torch.softmax(q @ k.transpose(2, 3) / 8 + penalty, -1) @ v).transpose(1, 2).flatten(2)
        x = layer_norm(lin(a, n + "attention.output.dense") + x, n + "attention.output.LayerNorm")
        x = layer_norm(lin(torch.nn.functional.gelu(lin(x, n + "intermediate.dense")), n + "output.dense") + x, n + "output.LayerNorm")
    scores = lin(torch.tanh(lin(x[:, 0], "bert.pooler.dense")), "classifier")[:, 0]
    present = mask[:, :, None].float()
    embeddings = torch.nn.functional.normalize((x * present).sum(1) / present.sum(1))
    return {"scores": scores.tolist(), "embeddings": [[round(v, 6) for v in e] for e in embeddings.tolist()]}


batch = {
    "ids": [[1, 7, 9, 2, 30, 31, 32, 2], [1, 8, 2, 40, 2, 0, 0, 0]],
    "typeIds": [[0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 1, 0, 0, 0]],
    "mask": [[1] * 8, [1, 1, 1, 1, 1, 0, 0, 0]],
}
print(json.dumps({"shapes": list(shapes()), "batch": batch, **run(batch["ids"], batch["typeIds"], batch["mask"])}))
