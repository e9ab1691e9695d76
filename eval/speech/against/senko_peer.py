"""senko's side of a comparison: `python senko_peer.py JOB`, see `speech-job.ts` for what it reads and writes. WAV files only.

Its defaults on a CPU: Silero for speech, CAM++ embeddings, its own clustering; one speaker at a time.
"""

import contextlib
import json
import resource
import sys
import time


def processor_seconds():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def measure(job):
    opened = time.monotonic()
    import senko

    diarizer = senko.Diarizer(device="cpu", warmup=True, quiet=True)
    # It takes every core there is; the comparison says how many.
    diarizer.logical_cores = job["threads"]
    diarizer._set_torch_num_threads()
    load_seconds = time.monotonic() - opened

    def diarize(path):
        # Nothing is returned where it hears nobody.
        found = diarizer.diarize(path, generate_colors=False) or {"merged_segments": []}
        return [
            {"speaker": str(turn["speaker"]), "startSeconds": float(turn["start"]), "endSeconds": float(turn["end"])}
            for turn in found["merged_segments"]
        ]

    for entry in job["files"][:1]:
        diarize(entry["path"])
    started, processor = time.monotonic(), processor_seconds()
    files = [{"file": entry["file"], "text": "", "turns": diarize(entry["path"])} for entry in job["files"]]
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
    # Libraries talk on stdout, which is for the result.
    with contextlib.redirect_stdout(sys.stderr):
        result = measure(job)
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
