"""Writes whisper-words.json: ids, text and words of sentences in several scripts, by the Python `tokenizers` and faster-whisper's splitting.

Run with a Python that has faster-whisper 1.2.1: python tests/golden/make_whisper_words.py PATH/tokenizer.json
"""

import json
import pathlib
import sys

import tokenizers
from faster_whisper.tokenizer import Tokenizer

SENTENCES = [
    ("en", " The code's \"syndrome\" (three bits) is 1.5 times as long, isn't it?"),
    ("en", " Well-known: naïve café, 20,000 km/h — and $3.50 … 🙂 done."),
    ("de", " Überraschung! Größe und Maß sind nicht „dasselbe“, sagte Jürgen."),
    ("fr", " Qu'est-ce que c'est ? L'été dernier, à l'école."),
    ("es", " ¿Qué hora es? ¡Mañana será otro día!"),
    ("ru", " Привет, как дела? Всё хорошо."),
    ("ko", " 안녕하세요, 반갑습니다."),
    ("ja", "水をマレーシアから買わなくてはならないのです。"),
    ("zh", "我们今天讨论纠错码，好吗？"),
    ("th", "สวัสดีครับ วันนี้เป็นอย่างไร"),
    ("hi", " नमस्ते, आप कैसे हैं?"),
]

# The file that registries carry lost its first merge: without it "times" after a space is three tokens where Whisper has one.
contents = json.loads(pathlib.Path(sys.argv[1]).read_text())
merges = contents["model"]["merges"]
if merges[0] == "\u0120 a":
    merges.insert(0, "\u0120 t")
raw = tokenizers.Tokenizer.from_str(json.dumps(contents))
cases = []
for language, text in SENTENCES:
    tokenizer = Tokenizer(raw, True, task="transcribe", language=language)
    ids = tokenizer.encode(text)
    words, tokens = tokenizer.split_to_word_tokens(ids)
    cases.append({"language": language, "ids": ids, "text": tokenizer.decode(ids), "words": words, "counts": [len(t) for t in tokens], "start": tokenizer.sot_sequence})
special = {"endOfText": tokenizer.eot, "noSpeech": tokenizer.no_speech, "timestampBegin": tokenizer.timestamp_begin}
path = pathlib.Path(__file__).with_name("whisper-words.json")
path.write_text(json.dumps({"special": special, "cases": cases}, ensure_ascii=False, indent=1))
print(path, path.stat().st_size)
