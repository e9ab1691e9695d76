"""Reference modules for the diarization goldens: pyannote segmentation-3.0 and 3D-Speaker CAM++ in torch.

Written from the published architectures (pyannote.audio 3 PyanNet with a SincNet front end; CAM++, arXiv 2303.00332) and
run on the published weights, so that Lectern's hand-written ONNX graphs are compared with something independent of them.
"""

import sys
import types

import numpy as np
import torch
import torch.nn.functional as F


def load_segmentation_state(path):
    # The checkpoint pickles three pyannote classes; empty stand-ins are enough to reach the tensors.
    for name in ("pyannote", "pyannote.audio", "pyannote.audio.core", "pyannote.audio.core.task"):
        sys.modules.setdefault(name, types.ModuleType(name))
    task = sys.modules["pyannote.audio.core.task"]
    for name in ("Problem", "Resolution", "Specifications"):
        setattr(task, name, type(name, (), {"__init__": lambda self, *a: None}))
    return torch.load(path, weights_only=False, map_location="cpu")["state_dict"]


def sinc_filters(state, sample_rate=16000):
    prefix = "sincnet.conv1d.0.filterbank."
    n, window = state[prefix + "n_"], state[prefix + "window_"]
    low = 50 + state[prefix + "low_hz_"].abs()
    high = torch.clamp(low + 50 + state[prefix + "band_hz_"].abs(), 50, sample_rate / 2)
    band = high - low
    sine = (torch.sin(high @ n) - torch.sin(low @ n)) / (n / 2) * window
    cosine = (torch.cos(low @ n) - torch.cos(high @ n)) / (n / 2) * window
    even = torch.cat([sine, 2 * band, sine.flip(1)], 1) / (2 * band)
    odd = torch.cat([cosine, torch.zeros_like(band), -cosine.flip(1)], 1) / (2 * band)
    return torch.cat([even, odd])[:, None]


class Segmentation:
    """waveform [B, 1, samples] -> log-probabilities [B, frames, 7]"""

    def __init__(self, path):
        self.s = load_segmentation_state(path)
        self.filters = sinc_filters(self.s)
        self.lstm = torch.nn.LSTM(60, 128, 4, batch_first=True, bidirectional=True)
        self.lstm.load_state_dict({k[5:]: v for k, v in self.s.items() if k.startswith("lstm.")})

    @torch.no_grad()
    def __call__(self, x):
        s = self.s
        x = F.instance_norm(x, weight=s["sincnet.wav_norm1d.weight"], bias=s["sincnet.wav_norm1d.bias"])
        for i in range(3):
            if i == 0:
                x = F.conv1d(x, self.filters, stride=10).abs()
            else:
                x = F.conv1d(x, s[f"sincnet.conv1d.{i}.weight"], s[f"sincnet.conv1d.{i}.bias"])
            x = F.max_pool1d(x, 3, 3)
            x = F.leaky_relu(F.instance_norm(x, weight=s[f"sincnet.norm1d.{i}.weight"], bias=s[f"sincnet.norm1d.{i}.bias"]))
        x, _ = self.lstm(x.transpose(1, 2))
        for i in range(2):
            x = F.leaky_relu(F.linear(x, s[f"linear.{i}.weight"], s[f"linear.{i}.bias"]))
        return F.log_softmax(F.linear(x, s["classifier.weight"], s["classifier.bias"]), -1)


class CamPlusPlus:
    """fbank [B, frames, 80] -> embedding [B, 192]; `mask` [B, K, ceil(frames / 2)] pools K embeddings [B, K, 192]"""

    def __init__(self, path):
        self.s = torch.load(path, map_location="cpu", weights_only=True)

    def bn(self, x, name, affine=True):
        s = self.s
        w, b = (s[name + ".weight"], s[name + ".bias"]) if affine else (None, None)
        return F.batch_norm(x, s[name + ".running_mean"], s[name + ".running_var"], w, b)

    def block2d(self, x, name, stride):
        s = self.s
        y = F.relu(self.bn(F.conv2d(x, s[name + ".conv1.weight"], stride=(stride, 1), padding=1), name + ".bn1"))
        y = self.bn(F.conv2d(y, s[name + ".conv2.weight"], padding=1), name + ".bn2")
        if stride != 1:
            x = self.bn(F.conv2d(x, s[name + ".shortcut.0.weight"], stride=(stride, 1)), name + ".shortcut.1")
        return F.relu(y + x)

    def cam(self, x, name, dilation):
        s = self.s
        y = F.conv1d(x, s[name + ".linear_local.weight"], padding=dilation, dilation=dilation)
        frames = x.shape[-1]
        segments = F.avg_pool1d(x, 100, 100, ceil_mode=True).repeat_interleave(100, -1)[..., :frames]
        context = x.mean(-1, keepdim=True) + segments
        context = F.relu(F.conv1d(context, s[name + ".linear1.weight"], s[name + ".linear1.bias"]))
        return y * torch.sigmoid(F.conv1d(context, s[name + ".linear2.weight"], s[name + ".linear2.bias"]))

    @torch.no_grad()
    def trunk(self, fbank):
        s = self.s
        x = fbank.transpose(1, 2)[:, None]
        x = F.relu(self.bn(F.conv2d(x, s["head.conv1.weight"], padding=1), "head.bn1"))
        for layer in ("head.layer1", "head.layer2"):
            x = self.block2d(self.block2d(x, layer + ".0", 2), layer + ".1", 1)
        x = F.relu(self.bn(F.conv2d(x, s["head.conv2.weight"], stride=(2, 1), padding=1), "head.bn2"))
        x = x.flatten(1, 2)
        x = F.relu(self.bn(F.conv1d(x, s["xvector.tdnn.linear.weight"], stride=2, padding=2), "xvector.tdnn.nonlinear.batchnorm"))
        for block, (layers, dilation) in enumerate([(12, 1), (24, 2), (16, 2)], 1):
            for layer in range(1, layers + 1):
                name = f"xvector.block{block}.tdnnd{layer}"
                y = F.conv1d(F.relu(self.bn(x, name + ".nonlinear1.batchnorm")), s[name + ".linear1.weight"])
                y = self.cam(F.relu(self.bn(y, name + ".nonlinear2.batchnorm")), name + ".cam_layer", dilation)
                x = torch.cat([x, y], 1)
            name = f"xvector.transit{block}"
            x = F.conv1d(F.relu(self.bn(x, name + ".nonlinear.batchnorm")), s[name + ".linear.weight"])
        return F.relu(self.bn(x, "xvector.out_nonlinear.batchnorm"))

    @torch.no_grad()
    def pool(self, x, mask=None):
        if mask is None:
            stats = torch.cat([x.mean(-1), x.std(-1)], -1)[:, None]
        else:
            count = mask.sum(-1, keepdim=True)
            mean = torch.einsum("bct,bkt->bkc", x, mask) / count.clamp(min=1)
            square = torch.einsum("bct,bkt->bkc", x * x, mask) / count.clamp(min=1)
            variance = (square - mean * mean).clamp(min=0) * count / (count - 1).clamp(min=1)
            stats = torch.cat([mean, variance.sqrt()], -1)
        y = F.linear(stats, self.s["xvector.dense.linear.weight"][..., 0])
        return self.bn(y.flatten(0, 1), "xvector.dense.nonlinear.batchnorm", affine=False).view(y.shape)

    def __call__(self, fbank, mask=None):
        y = self.pool(self.trunk(fbank), mask)
        return y[:, 0] if mask is None else y


def kaldi_fbank(samples, bins=80):
    """samples float32 in -1..1 -> [frames, bins]; kaldi defaults, no dither"""
    import kaldi_native_fbank as knf

    options = knf.FbankOptions()
    options.frame_opts.samp_freq = 16000
    options.frame_opts.dither = 0.0
    options.mel_opts.num_bins = bins
    fbank = knf.OnlineFbank(options)
    fbank.accept_waveform(16000, samples.tolist())
    fbank.input_finished()
    return np.stack([fbank.get_frame(i) for i in range(fbank.num_frames_ready)])
