"""Writes cli/handout/ordinary-words.txt: the words in Latin letters that Whisper spells with one token. What it must piece together
it may misspell; these it knows.

Run with a Python that has tokenizers and regex: python tests/golden/make_ordinary_words.py PATH/tokenizer.json
"""

import itertools
import json
import pathlib
import sys

import regex
import tokenizers

raw = tokenizers.Tokenizer.from_file(sys.argv[1])
end_of_text = raw.token_to_id("<|endoftext|>")
texts = (raw.decode([token]).lower() for token in range(end_of_text))
words = sorted({text[1:] for text in texts if regex.fullmatch(r" \p{Script=Latin}{3,}", text)})
lines = (" ".join(group) for _, group in itertools.groupby(words, key=lambda word: word[0]))
path = pathlib.Path(__file__).parents[2] / "cli" / "handout" / "ordinary-words.txt"
path.write_text("\n".join(lines) + "\n")
print(path, len(words), path.stat().st_size)
