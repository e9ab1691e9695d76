"""Writes silero.json: Silero VAD's probabilities (onnxruntime, Python) of a synthetic voice, chunk by chunk as its authors feed it.

Run with a Python that has numpy and onnxruntime: python tests/golden/make_silero.py PATH/silero_vad.onnx
The signal is the one of tests/inference/synthetic-voice.ts.
"""

import json
import pathlib
import sys

import numpy as np
import onnxruntime

SECONDS, RATE, CHUNK, CONTEXT = 8, 16_000, 512, 64

n = np.arange(SECONDS * RATE, dtype=np.float64)
t = n / RATE
pitch = 2 * np.pi * (120 * t + 4 * np.sin(2 * np.pi * 0.7 * t))
first = 550 + 250 * np.sin(2 * np.pi * 1.9 * t)
second = 1500 + 500 * np.sin(2 * np.pi * 1.3 * t + 1)
voice = np.zeros_like(t)
for k in range(1, 31):
    hz = 120.0 * k
    gain = 1 / (1 + ((hz - first) / 120) ** 2) + 0.6 / (1 + ((hz - second) / 160) ** 2) + 0.02
    voice += gain * np.sin(k * pitch)
syllables = np.maximum(0, np.sin(2 * np.pi * 2.1 * t)) ** 0.7
speaking = ((t > 1.5) & (t < 4.2)) | ((t > 5.6) & (t < 7.3))
noise = 0.002 * (((n * 7919.0) % 1000.0) / 1000.0 - 0.5)
signal = (0.15 * voice * syllables * speaking + noise).astype("float32")

session = onnxruntime.InferenceSession(sys.argv[1])
state = np.zeros((2, 1, 128), dtype="float32")
context = np.zeros(CONTEXT, dtype="float32")
probabilities = []
for start in range(0, len(signal), CHUNK):
    chunk = signal[start : start + CHUNK]
    feeds = {"input": np.concatenate([context, chunk])[None], "state": state, "sr": np.array(RATE, dtype="int64")}
    output, state = session.run(None, feeds)
    context = chunk[-CONTEXT:]
    probabilities.append(round(float(output[0, 0]), 6))
path = pathlib.Path(__file__).with_name("silero.json")
path.write_text(json.dumps({"seconds": SECONDS, "probabilities": probabilities}))
print(path, len(probabilities), max(probabilities), sum(p > 0.5 for p in probabilities))
