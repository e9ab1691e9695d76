"""faster-whisper's side of a comparison: `python faster_whisper_peer.py JOB`, see `speech-job.ts` for what it reads and writes.

Both modes are as its README recommends for quality: beam 5, word times, voice activity detection (always on in batches).
Language is found, as Lectern is not told it either. WAV files only: no decoder is measured.
"""

import json
import resource
import sys
import time
import wave

import numpy
from faster_whisper import BatchedInferencePipeline, WhisperModel


def processor_seconds():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def read_wav(path):
    with wave.open(path) as file:
        return numpy.frombuffer(file.readframes(file.getnframes()), numpy.int16).astype(numpy.float32) / 32768


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    opened = time.monotonic()
    model = WhisperModel(job["modelDir"], device="cpu", compute_type="int8", cpu_threads=job["threads"])
    if job["mode"] == "batched":
        transcriber, options = BatchedInferencePipeline(model=model), {"batch_size": 8}
    else:
        transcriber, options = model, {"vad_filter": True}
    load_seconds = time.monotonic() - opened

    def transcribe(path):
        segments, _ = transcriber.transcribe(read_wav(path), beam_size=5, word_timestamps=True, **options)
        segments = list(segments)
        words = [
            {"text": word.word.strip(), "startSeconds": float(word.start), "endSeconds": float(word.end)}
            for segment in segments
            for word in segment.words or []
        ]
        return {"text": " ".join(segment.text.strip() for segment in segments), "turns": [], "words": words}

    for entry in job["files"][:1]:
        transcribe(entry["path"])
    started, processor = time.monotonic(), processor_seconds()
    files = [{"file": entry["file"], **transcribe(entry["path"])} for entry in job["files"]]
    result = {
        "loadSeconds": load_seconds,
        "workSeconds": time.monotonic() - started,
        "processorSeconds": processor_seconds() - processor,
        "peakMemoryBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "files": files,
    }
    json.dump(result, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
