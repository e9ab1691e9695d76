"""Writes word-times.json: faster-whisper's words and times (same weights, int8, beam 1) on the demo lecture.

Run with a Python that has faster-whisper 1.2.1, and ffmpeg on the path: python tests/golden/make_word_times.py MODEL_FOLDER
"""

import json
import pathlib
import subprocess
import sys

import numpy as np
from faster_whisper import WhisperModel

root = pathlib.Path(__file__).parents[2]
command = ["ffmpeg", "-v", "error", "-i", str(root / "demo/lecture.opus"), "-vn", "-ac", "1", "-ar", "16000", "-f", "s16le", "-"]
pcm = subprocess.run(command, check=True, capture_output=True).stdout
audio = np.frombuffer(pcm, dtype=np.int16).astype(np.float32) / 32768
model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8", cpu_threads=2)
segments, _ = model.transcribe(audio, language="en", beam_size=1, word_timestamps=True)
words = [[word.word.strip(), round(float(word.start), 2), round(float(word.end), 2)] for segment in segments for word in segment.words]
path = pathlib.Path(__file__).with_name("word-times.json")
path.write_text(json.dumps({"words": words}))
print(path, len(words), path.stat().st_size)
