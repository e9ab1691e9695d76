"""Goldens of eval/metrics: Whisper's normalisers (PyPI whisper-normalizer), jiwer and pyannote.metrics on made-up inputs.

Random turns come from a linear congruential generator and are written out with the results.
"""

import json
import pathlib
import warnings

import jiwer
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate
from whisper_normalizer.basic import BasicTextNormalizer
from whisper_normalizer.english import EnglishTextNormalizer

warnings.filterwarnings("ignore")

ENGLISH = [
    "Mr. Brown won't pay twenty-one dollars and five cents.",
    "In nineteen eighty four, the third of May, one hundred and five people came.",
    "It's 3,000.5 metres; I'd been there -- uh -- in the '90s!",
    "[Music] (laughs) Hello, world.",
    "Ten percent of two million five hundred thousand is two hundred fifty thousand.",
    "She's gone to the twenty-first floor at five o'clock.",
    "Dr. Smith's colour is grey, isn't it?",
    "one two three four five",
    "They've organised the theatre; we'll realise it's £20.",
    "The answer is three point one four one five.",
    "There are one or two ones. Only one.",
    "two thousand and nineteen, twenty twenty",
    "Call double seven oh one, please",
    "minus five degrees, ninety-nine per cent",
    "a hundred thousand, hundreds of thousands, the sixties and the seventies",
    "I can't believe y'all gonna do this",
    "café naïve Straße",
    "first second third fourth fifth",
    "fifty fifth anniversary of the one hundredth show",
    "five and a half years",
    "He ain't got no money. He's got $5 million.",
    "seven hundred thirty six thousand nine hundred eighty four",
]
BASIC = ["Zwölf Äpfel, (lacht) für 3,50 €!", "¿Qué tal? [música] ¡Muy bien!", "L'été, c'est l'heure.", "Привет, мир!", "한국어 문장입니다."]
CHARACTERS = ["我们今天去，学校。", "これはペンです。12個"]
WORDS = [
    ("the cat sat on the mat", "the cat sat on mat"),
    ("the cat sat on the mat", "a cat sat down on the the mat"),
    ("hello world", ""),
    ("one flew over the cuckoo", "won flew over cuckoo nest"),
]

state = 7


def random(limit):
    global state
    state = (state * 1103515245 + 12345) % 2**31
    return (state >> 8) % limit


def turns(speakers, count):
    result = []
    for _ in range(count):
        start = random(500) / 10
        result.append({"speaker": f"{speakers}{random(4)}", "startSeconds": start, "endSeconds": start + (1 + random(60)) / 10})
    return result


def annotation(entries):
    result = Annotation()
    for index, turn in enumerate(entries):
        result[Segment(turn["startSeconds"], turn["endSeconds"]), index] = turn["speaker"]
    return result.support()


def diarization(collar, uem):
    reference, hypothesis = turns("a", 12), turns("b", 14)
    metric = DiarizationErrorRate(collar=2 * collar, skip_overlap=False)
    scored = Timeline([Segment(a, b) for a, b in uem]) if uem else Timeline([Segment(0, 100)])
    detail = metric(annotation(reference), annotation(hypothesis), uem=scored, detailed=True)
    keys = {"total": "referenceSeconds", "missed detection": "missSeconds", "false alarm": "falseAlarmSeconds", "confusion": "confusionSeconds"}
    return {
        "reference": reference,
        "hypothesis": hypothesis,
        "collarSeconds": collar,
        "scored": [{"startSeconds": a, "endSeconds": b} for a, b in uem] if uem else None,
        "errors": {name: round(float(detail[key]), 6) for key, name in keys.items()},
    }


def words(reference, hypothesis):
    out = jiwer.process_words(reference, hypothesis)
    return {
        "reference": reference,
        "hypothesis": hypothesis,
        "wrong": out.substitutions + out.deletions + out.insertions,
        "referenceWords": out.hits + out.substitutions + out.deletions,
    }


english, basic, characters = EnglishTextNormalizer(), BasicTextNormalizer(), BasicTextNormalizer(split_letters=True)
golden = {
    "english": [{"text": text, "normalized": english(text).strip()} for text in ENGLISH],
    "basic": [{"text": text, "normalized": basic(text).strip()} for text in BASIC],
    "characters": [{"text": text, "normalized": characters(text).strip()} for text in CHARACTERS],
    "words": [words(*pair) for pair in WORDS],
    "diarization": [diarization(c, u) for c in (0, 0.25, 0.5) for u in (None, [(5, 30), (33, 41)]) for _ in range(3)],
}
pathlib.Path(__file__).with_name("metrics.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n")
