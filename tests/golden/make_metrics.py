"""Goldens of eval/metrics: Whisper's normalisers (PyPI whisper-normalizer), jiwer and pyannote.metrics on made-up inputs.

Random turns come from a linear congruential generator and are written out with the results.
"""

import itertools
import json
import pathlib
import warnings

import jiwer
import numpy
from meeteval.io import SegLST
from meeteval.wer import cp_word_error_rate, time_constrained_minimum_permutation_word_error_rate
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate, JaccardErrorRate
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
    letters = jiwer.process_characters(reference, hypothesis)
    return {
        "reference": reference,
        "hypothesis": hypothesis,
        "wrong": out.substitutions + out.deletions + out.insertions,
        "referenceWords": out.hits + out.substitutions + out.deletions,
        "wrongCharacters": letters.substitutions + letters.deletions + letters.insertions,
        "referenceCharacters": letters.hits + letters.substitutions + letters.deletions,
    }


def matched_one_way(reference, hypothesis):
    """Whether one matching of speakers agrees longest: of two that agree as long, the Jaccard error rate depends on the one taken."""
    agreed = reference * hypothesis
    size = max(agreed.shape)
    padded = numpy.zeros((size, size))
    padded[: agreed.shape[0], : agreed.shape[1]] = agreed
    matchings = {}
    for order in itertools.permutations(range(size)):
        pairs = frozenset(pair for pair in enumerate(order) if padded[pair] > 0)
        matchings[pairs] = sum(padded[pair] for pair in pairs)
    best = max(matchings.values())
    return sum(best - total < 1e-6 for total in matchings.values()) == 1


def jaccard(entry):
    uem = [Segment(span["startSeconds"], span["endSeconds"]) for span in entry["scored"] or [{"startSeconds": 0, "endSeconds": 100}]]
    metric = JaccardErrorRate(collar=2 * entry["collarSeconds"], skip_overlap=False)
    reference, hypothesis = annotation(entry["reference"]), annotation(entry["hypothesis"])
    if not matched_one_way(*metric.uemify(reference, hypothesis, uem=Timeline(uem), collar=metric.collar)):
        return None
    detail = metric(reference, hypothesis, uem=Timeline(uem), detailed=True)
    return {"referenceSpeakers": int(detail["speaker count"]), "speakerErrors": round(float(detail["speaker error"]), 6)}


def speaker_words(prefix, speakers, count):
    words, clock = [], 0.0
    for _ in range(count):
        clock = round(clock + random(20) / 10, 2)
        end = round(clock + (1 + random(6)) / 10, 2)
        words.append({"text": "abcdefgh"[random(8)], "speaker": f"{prefix}{random(speakers)}", "startSeconds": clock, "endSeconds": end})
        clock = end
    return words


def disturbed(words, speakers):
    result = []
    for word in words:
        chance = random(12)
        if chance == 0:
            continue
        late = 7.0 if chance == 1 else random(3) / 10
        speaker = f"h{random(speakers)}" if chance == 2 else "h" + word["speaker"][1:]
        text = "abcdefgh"[random(8)] if chance == 3 else word["text"]
        start, end = round(word["startSeconds"] + late, 2), round(word["endSeconds"] + late, 2)
        result.append({"text": text, "speaker": speaker, "startSeconds": start, "endSeconds": end})
    return sorted(result, key=lambda word: word["startSeconds"])


def segments(words):
    keys = {"text": "words", "speaker": "speaker", "startSeconds": "start_time", "endSeconds": "end_time"}
    return SegLST([{"session_id": "s", **{keys[key]: value for key, value in word.items()}} for word in words])


def speaker_errors(reference_speakers, hypothesis_speakers, related):
    reference = speaker_words("r", reference_speakers, 40)
    hypothesis = disturbed(reference, hypothesis_speakers) if related else speaker_words("h", hypothesis_speakers, 30)
    concatenated = cp_word_error_rate(segments(reference), segments(hypothesis))
    timed = time_constrained_minimum_permutation_word_error_rate(
        segments(reference),
        segments(hypothesis),
        collar=5,
        reference_pseudo_word_level_timing="none",
        hypothesis_pseudo_word_level_timing="none",
    )
    return {
        "reference": reference,
        "hypothesis": hypothesis,
        "concatenated": {"wrong": int(concatenated.errors), "reference": int(concatenated.length)},
        "timed": {"wrong": int(timed.errors), "reference": int(timed.length)},
    }


english, basic, characters = EnglishTextNormalizer(), BasicTextNormalizer(), BasicTextNormalizer(split_letters=True)
golden = {
    "english": [{"text": text, "normalized": english(text).strip()} for text in ENGLISH],
    "basic": [{"text": text, "normalized": basic(text).strip()} for text in BASIC],
    "characters": [{"text": text, "normalized": characters(text).strip()} for text in CHARACTERS],
    "words": [words(*pair) for pair in WORDS],
    "diarization": [diarization(c, u) for c in (0, 0.25, 0.5) for u in (None, [(5, 30), (33, 41)]) for _ in range(3)],
}
for entry in golden["diarization"]:
    entry["jaccard"] = jaccard(entry)
shapes = [(1, 1, True), (3, 3, True), (3, 2, True), (2, 4, True), (3, 3, False), (4, 2, False)]
golden["speakerWords"] = [speaker_errors(*shape) for shape in shapes]
pathlib.Path(__file__).with_name("metrics.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n")
