"""Writes log-mel.json: faster-whisper's features of a synthetic signal (same formula as in log-mel.test.ts), a few frames of each kind.

Run with a Python that has faster-whisper 1.2.1 and numpy: python tests/golden/make_log_mel.py
"""

import json
import pathlib

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

CONTENT = 52_345
WINDOW = 480_000
FRAMES = [0, 1, 2, 100, 251, 325, 326, 327, 328, 329, 1500, 2999]

n = np.arange(CONTENT, dtype=np.float64)
chirp = 0.3 * np.sin(2 * np.pi * (200.0 + 0.02 * n) * n / 16_000)
buzz = 0.1 * np.sign(np.sin(2 * np.pi * 90.0 * n / 16_000))
noise = 0.01 * (((n * 7919.0) % 1000.0) / 1000.0 - 0.5)
signal = (chirp * (n % 16_000 < 12_000) + buzz * (n > 30_000) + noise).astype("float32")
audio = np.zeros(WINDOW, dtype="float32")
audio[:CONTENT] = signal

result = {"content": CONTENT, "frames": FRAMES, "features": {}}
for bins in (80, 128):
    features = FeatureExtractor(feature_size=bins)(audio, padding=0)
    assert features.shape == (bins, 3000)
    result["features"][str(bins)] = [[round(float(v), 6) for v in features[:, t]] for t in FRAMES]
path = pathlib.Path(__file__).with_name("log-mel.json")
path.write_text(json.dumps(result))
print(path, path.stat().st_size)
