"""When known words are said: `python align_words.py JOB`, `{"files": [{"file", "path", "text"}]}` with WAV files of 16 kHz mono s16le.

Writes `{"files": [{"file", "words": [{"text", "startSeconds", "endSeconds"}]}]}` to stdout: pocketsphinx' forced alignment by its own
English acoustic model, in steps of 10 ms. A text with a word that its dictionary lacks is left out, as is one that does not fit.
"""

import json
import re
import sys
import wave

from pocketsphinx import Decoder

FRAMES_PER_SECOND = 100


def align(decoder, path, text):
    words = text.lower().replace("’", "'").split()
    words = [re.sub(r"^[^a-z0-9']+|[^a-z0-9']+$", "", word) for word in words]
    words = [word for word in words if word]
    if not words or any(decoder.lookup_word(word) is None for word in words):
        return None
    with wave.open(path) as file:
        samples = file.readframes(file.getnframes())
    decoder.set_align_text(" ".join(words))
    decoder.start_utt()
    decoder.process_raw(samples, full_utt=True)
    decoder.end_utt()
    found = [
        # Pronunciations are numbered: `and(2)`.
        {
            "text": re.sub(r"\(\d+\)$", "", part.word),
            "startSeconds": part.start_frame / FRAMES_PER_SECOND,
            "endSeconds": (part.end_frame + 1) / FRAMES_PER_SECOND,
        }
        for part in decoder.seg() or []
        if not part.word.startswith(("<", "["))
    ]
    return found if [word["text"] for word in found] == words else None


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    decoder = Decoder(lm=None, loglevel="FATAL")
    aligned = []
    for entry in job["files"]:
        words = align(decoder, entry["path"], entry["text"])
        if words is not None:
            aligned.append({"file": entry["file"], "words": words})
    json.dump({"files": aligned}, sys.stdout)


if __name__ == "__main__":
    main()
