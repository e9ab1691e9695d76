"""Small torch files and what is in them, as base64 so that no binary is committed. Needs torch."""

import base64
import collections
import io
import json
import pathlib

import torch

folder = pathlib.Path(__file__).parent / "torch-zip"
base = torch.arange(24, dtype=torch.float32).view(4, 6)
state = collections.OrderedDict(
    [
        ("matrix", base),
        ("transposed", base.t()),
        ("slice", base[1:3, ::2]),
        ("scalar", torch.tensor(7, dtype=torch.int64)),
        ("half", torch.tensor([1.5, -2.25, 6e-8], dtype=torch.float16)),
        ("brain", torch.tensor([1.5, -2.25, 1e20], dtype=torch.bfloat16)),
        ("double", torch.tensor([0.1, 1e-3], dtype=torch.float64)),
        ("small", torch.tensor([-128, 127], dtype=torch.int8)),
        ("flags", torch.tensor([True, False])),
        ("empty", torch.zeros(0, 3)),
    ]
)
checkpoint = {"epoch": 3, "lr": 1e-3, "names": ["a", ("b", None)], "big": 2**40, "state_dict": {"w": base[0]}}

expected = {}
for name, value in (("state", state), ("checkpoint", checkpoint)):
    buffer = io.BytesIO()
    torch.save(value, buffer)
    (folder / f"{name}.base64").write_text(base64.encodebytes(buffer.getvalue()).decode())
    expected[name] = {
        key: {"type": str(t.dtype)[6:], "dims": list(t.shape), "values": t.flatten().float().tolist()}
        for key, t in value.get("state_dict", value).items()
    }
(folder / "expected.json").write_text(json.dumps(expected) + "\n")
