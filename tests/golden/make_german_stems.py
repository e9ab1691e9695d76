"""Prints german-stems.json: what Snowball's German stemmer (pip install snowballstemmer==2.2.0) makes of words without diacritics.

Every root with every ending, so that each rule of the algorithm meets words it cuts and words it must leave alone.
"""

import json

import snowballstemmer

ROOTS = (
    "freund haus lern wissen les schreib entrop mathemat mog geheim kenntnis erlaub wirtschaft bau feuer treu neu quell straß fuß "
    "ei ab an gross klein rein frei begeist erinner vorles uni aufmerk not zei nei steu yacht mayonna bayer jahr stud ganz sicher ende lehr"
).split()
ENDINGS = (
    "- e en er ern em es s t st est te ung ungen heit heiten keit keiten lich liche licher lichkeit ig ige igung igkeit isch ischen end ende "
    "enden ik iker nis nisse nissen niss eig eigung erheit enheit erlich enlich barkeit samkeit sten ster ens ers"
).split()

stemmer = snowballstemmer.stemmer("german")
words = sorted({root + ending.strip("-") for root in ROOTS for ending in ENDINGS})
print(json.dumps({word: stemmer.stemWord(word) for word in words}, ensure_ascii=False, separators=(",", ":")))
