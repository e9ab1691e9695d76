"""Writes beam-search.json: what CTranslate2's beam search (5 hypotheses, as faster-whisper has it by default, without time tokens)
hears in turns of the demo lecture, in float32.

Run with a Python that has faster-whisper 1.2.1: python tests/golden/make_beam_search.py MODEL_DIR demo/lecture.opus (a folder as faster-whisper takes it: `vocabulary.json` too)
"""

import json
import pathlib
import sys

import faster_whisper
from faster_whisper.audio import decode_audio

RATE = 16_000
PAD_SECONDS = 0.2
MAX_SECONDS = 25
CLIPS = 6

model = faster_whisper.WhisperModel(sys.argv[1], device="cpu", compute_type="float32", cpu_threads=2)
tokenizer = faster_whisper.tokenizer.Tokenizer(model.hf_tokenizer, True, task="transcribe", language="en")
audio = decode_audio(sys.argv[2], sampling_rate=RATE)
truth = json.loads((pathlib.Path(__file__).parents[2] / "demo" / "truth.json").read_text())
turns = [turn for turn in truth["turns"] if turn["endSeconds"] - turn["startSeconds"] <= MAX_SECONDS]
clips = []
for turn in turns[:CLIPS]:
    start = round(turn["startSeconds"] - PAD_SECONDS, 3)
    end = round(turn["endSeconds"] + PAD_SECONDS, 3)
    samples = audio[round(start * RATE) : round(end * RATE)]
    features = faster_whisper.audio.pad_or_trim(model.feature_extractor(samples)[:, : model.feature_extractor.nb_max_frames])
    prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
    result = model.model.generate(model.encode(features), [prompt], beam_size=5, suppress_blank=True, suppress_tokens=[-1], return_scores=True)[0]
    clips.append({"startSeconds": start, "endSeconds": end, "text": tokenizer.decode(result.sequences_ids[0]), "score": round(result.scores[0], 4)})
path = pathlib.Path(__file__).with_name("beam-search.json")
path.write_text(json.dumps(clips, ensure_ascii=False, indent=1) + "\n")
print(path, len(clips))
