"""Writes hallucinations.json: what faster-whisper's `hallucination_silence_threshold` (openai/whisper's rule) drops.

The rule lives inside `WhisperModel.generate_segments`: its functions and its loop are cut out of the installed source and run on made-up
segments of one window that holds the whole recording. Where the loop drops a segment it goes back to hear the rest again; here the rest
comes again as it was, in the same window. Run with a Python that has faster-whisper 1.2.1: python tests/golden/make_hallucinations.py
"""

import ast
import json
import pathlib
import random
import textwrap

import faster_whisper
from faster_whisper import transcribe

SECONDS = 120.0
THRESHOLD = 2.0


def cut_out():
    """The source of the two functions and of the loop over segments."""
    tree = ast.parse(pathlib.Path(transcribe.__file__).read_text(encoding="utf-8"))
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in ("word_anomaly_score", "is_segment_anomaly", "next_words_segment"):
            found[node.name] = node
        if isinstance(node, ast.For) and "silence_before" in ast.unparse(node) and ast.unparse(node.target) == "si":
            found["loop"] = node
    return {name: textwrap.dedent(ast.unparse(node)) for name, node in found.items()}


SOURCE = cut_out()
RULES = {**vars(transcribe), "punctuation": "\"'“¿([{-\"'.。,，!！?？:：”)]}、"}
for name in ("word_anomaly_score", "is_segment_anomaly", "next_words_segment"):
    exec(SOURCE[name], RULES)


def drop_first(segments, last_end):
    """Index of the first segment that the loop drops, or None."""
    scope = {
        **RULES,
        "self": type("Model", (), {"frames_per_second": 100}),
        "current_segments": list(segments),
        "threshold": THRESHOLD,
        "hal_last_end": last_end,
        "time_offset": 0.0,
        "segment_duration": SECONDS,
        "window_end_time": SECONDS,
        "content_duration": SECONDS,
        "content_frames": int(SECONDS * 100),
    }
    exec(SOURCE["loop"], scope)
    kept = len(scope["current_segments"])
    return None if kept == len(segments) else kept


def dropped(segments):
    rest, offset, last_end, gone = segments, 0, 0.0, []
    while True:
        first = drop_first(rest, last_end)
        if first is None:
            return gone
        gone.append(offset + first)
        if first > 0:
            last_end = rest[first - 1]["end"]
        offset, rest = offset + first + 1, rest[first + 1 :]


def make_segment(draw, start):
    strange = draw.random() < 0.5
    words = []
    at = start
    for _ in range(draw.choice([1, 2, 4, 9])):
        seconds = draw.choice([0.02, 0.06, 0.12, 0.4, 2.6] if strange else [0.2, 0.3, 0.5])
        probability = draw.choice([0.04, 0.12, 0.3] if strange else [0.5, 0.9])
        words.append({"word": draw.choice(["so", "it", "is"]), "start": round(at, 3), "end": round(at + seconds, 3), "probability": probability})
        at += seconds
    return {"words": words, "start": words[0]["start"], "end": words[-1]["end"]}


def make_case(seed):
    draw = random.Random(seed)
    segments, at = [], draw.choice([0.5, 3.0, 7.0])
    for _ in range(draw.randint(1, 6)):
        segments.append(make_segment(draw, round(at, 3)))
        at = segments[-1]["end"] + draw.choice([0.1, 0.6, 1.7, 2.4, 6.0])
    return {
        "segments": [[[w["start"], w["end"], w["probability"]] for w in segment["words"]] for segment in segments],
        "anomalous": [bool(RULES["is_segment_anomaly"](segment)) for segment in segments],
        "dropped": dropped(segments),
    }


cases = [make_case(seed) for seed in range(60)]
path = pathlib.Path(__file__).with_name("hallucinations.json")
path.write_text(json.dumps({"source": f"faster-whisper {faster_whisper.__version__}", "cases": cases}, separators=(",", ":")))
print(path, sum(len(case["dropped"]) for case in cases), "dropped of", sum(sum(case["anomalous"]) for case in cases), path.stat().st_size)
