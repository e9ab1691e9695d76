"""Goldens of the diarization networks on a synthetic signal that tests/diarization makes again, sample for sample.

python make_diarization.py <pytorch_model.bin> <campplus_cn_en_common.pt>; needs torch, numpy, kaldi-native-fbank.
"""

import json
import math
import pathlib
import sys

import numpy as np
import torch

from reference_diarization import CamPlusPlus, Segmentation, kaldi_fbank


def synthetic_speech(seconds):
    """Harmonics of a gliding pitch, switched on and off, over a little noise; float32 in -1..1."""
    count = seconds * 16000
    out = np.zeros(count)
    state = 12345
    phase = 0.0
    for i in range(count):
        t = i / 16000
        state = (state * 1103515245 + 12345) % 2147483648
        noise = state / 1073741824 - 1
        phase += 2 * math.pi * (120 + 40 * math.sin(2 * math.pi * 0.5 * t)) / 16000
        voice = sum(math.sin(k * phase) / k for k in range(1, 9))
        gate = 1 if math.sin(2 * math.pi * 0.35 * t) > -0.2 else 0
        envelope = 0.5 + 0.5 * math.sin(2 * math.pi * 3 * t)
        out[i] = 0.12 * gate * envelope * voice + 0.003 * noise
    return out.astype(np.float32)


def rounded(array):
    return [round(float(value), 5) for value in np.asarray(array).ravel()]


segmentation, campplus = Segmentation(sys.argv[1]), CamPlusPlus(sys.argv[2])
samples = synthetic_speech(10)
fbank = kaldi_fbank(samples)
golden = {
    "samples": {"every": 1600, "values": rounded(samples[::1600])},
    "fbank": {"frames": len(fbank), "every": 100, "values": rounded(fbank[::100])},
    "segmentation": {"every": 10, "values": rounded(segmentation(torch.tensor(samples)[None, None])[0, ::10])},
    "campplus": {},
}
for frames in (30, 201, 998):
    features = torch.tensor(fbank[:frames])
    golden["campplus"][frames] = rounded(campplus((features - features.mean(0))[None])[0])
path = pathlib.Path(__file__).with_name("diarization.json")
path.write_text(json.dumps(golden) + "\n")
print(path, path.stat().st_size)
