"""Golden corpus BLEU for eval/metrics/bleu.ts, from sacreBLEU 2.x (pip install sacrebleu): python make_bleu.py > bleu.json"""

import json

import sacrebleu

PAIRS = [
    ("The exam covers repetition, parity, the Hamming code, and distance.", "Repetition, parity, the Hamming code and distance."),
    ("So parity can detect a single error, but it cannot correct it.", "Parity can detect an error but not correct it."),
    ("It took 45 years, until the turbo codes of 1993.", "45 years."),
    ("In 1,950 words (or so) he published: \"his answer\"...", "He published his answer in 1,950 words."),
    ("Der hinter diesem Portal liegende Raum wurde als Leichenhalle genutzt.", "Als Leichenhalle."),
    ("a b c d", "a b c d"),
    ("nothing alike here", "completely different words stand there"),
]


def bleu(pairs):
    return sacrebleu.corpus_bleu([hypothesis for hypothesis, _ in pairs], [[reference for _, reference in pairs]]).score


print(
    json.dumps(
        {
            "version": sacrebleu.__version__,
            "cases": [{"hypothesis": h, "reference": r, "bleu": bleu([(h, r)])} for h, r in PAIRS],
            "corpus": bleu(PAIRS),
        },
        indent=2,
        ensure_ascii=False,
    )
)
