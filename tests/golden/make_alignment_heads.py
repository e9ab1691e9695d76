"""The alignment heads that OpenAI published, by decoder layers, heads and vocabulary, for inference/graphs/alignment-heads.test.ts.

usage: make_alignment_heads.py OUT.json

From CTranslate2's converter, which lists them by model; large-v3-turbo, which it leaves to the model's configuration, from the mask in
openai/whisper (base85, gzip, one byte a head). Needs ctranslate2, numpy.
"""
import base64, gzip, json, sys
import ctranslate2, numpy as np
from ctranslate2.converters.transformers import _WHISPER_ALIGNMENT_HEADS as HEADS

SHAPES = {
    "tiny.en": (4, 6, 51864), "tiny": (4, 6, 51865), "base.en": (6, 8, 51864), "base": (6, 8, 51865),
    "small.en": (12, 12, 51864), "small": (12, 12, 51865), "medium.en": (24, 16, 51864), "medium": (24, 16, 51865),
    "large-v2": (32, 20, 51865), "large-v3": (32, 20, 51866), "large-v3-turbo": (4, 20, 51866),
}
TURBO = b"ABzY8j^C+e0{>%RARaKHP%t(lGR*)0g!tONPyhe`"


def heads(name):
    if name != "large-v3-turbo":
        return [list(head) for head in HEADS[f"openai/whisper-{name}"]]
    mask = np.frombuffer(gzip.decompress(base64.b85decode(TURBO)), dtype=bool).reshape(4, 20)
    return np.argwhere(mask).tolist()


golden = {
    "madeBy": f"make_alignment_heads.py, ctranslate2 {ctranslate2.__version__}",
    "models": [
        {"name": name, "layers": layers, "heads": count, "vocabulary": vocabulary, "alignmentHeads": heads(name)}
        for name, (layers, count, vocabulary) in SHAPES.items()
    ],
}
json.dump(golden, open(sys.argv[1], "w"))
