"""whisper.cpp's side of a comparison: `python whisper_cpp_peer.py JOB`, see `speech-job.ts` for what it reads and writes. WAV files only.

As its command line does by default: beam 5, a temperature that rises where a window fails, context of the text before; with word
times. The wheel's code uses AVX2. Language is found, as Lectern is not told it either.
"""

import json
import os
import pathlib
import resource
import sys
import time
import wave

import numpy
from pywhispercpp.model import Model

BEAM = 1


def processor_seconds():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def read_wav(path):
    with wave.open(path) as file:
        return numpy.frombuffer(file.readframes(file.getnframes()), numpy.int16).astype(numpy.float32) / 32768


def measure(job):
    opened = time.monotonic()
    weights = pathlib.Path(job["modelDir"], f"{job['mode']}.bin")
    model = Model(
        str(weights),
        params_sampling_strategy=BEAM,
        beam_search={"beam_size": 5, "patience": -1.0},
        n_threads=job["threads"],
        language="auto",
        token_timestamps=True,
        max_len=1,
        split_on_word=True,
        print_progress=False,
        print_realtime=False,
    )
    load_seconds = time.monotonic() - opened

    def transcribe(path):
        words = [
            {"text": segment.text.strip(), "startSeconds": segment.t0 / 100, "endSeconds": segment.t1 / 100}
            for segment in model.transcribe(read_wav(path))
            if segment.text.strip()
        ]
        return {"text": " ".join(word["text"] for word in words), "turns": [], "words": words}

    for entry in job["files"][:1]:
        transcribe(entry["path"])
    started, processor = time.monotonic(), processor_seconds()
    files = [{"file": entry["file"], **transcribe(entry["path"])} for entry in job["files"]]
    return {
        "loadSeconds": load_seconds,
        "workSeconds": time.monotonic() - started,
        "processorSeconds": processor_seconds() - processor,
        "peakMemoryBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "files": files,
    }


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    # The library talks on the process's stdout, which is for the result.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as output:
        os.dup2(2, 1)
        json.dump(measure(job), output, ensure_ascii=False)


if __name__ == "__main__":
    main()
