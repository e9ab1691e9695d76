"""What faster-whisper makes of a folder of recordings: the peer that Lectern's word error rate is held against.

    python eval/speech/faster_whisper_baseline.py FOLDER MODEL_DIR > baseline.json

FOLDER has a manifest.jsonl; MODEL_DIR holds the same CTranslate2 weights that Lectern uses (`<cache>/models/whisper-base`).
Settings are Lectern's defaults as far as both have them: int8, beam 1, no text of earlier windows as a prompt. Language is
found, as Lectern is not told it either. Needs `pip install faster-whisper==1.2.1`; the project itself never does.
"""

import json
import sys
import time
from pathlib import Path

from faster_whisper import WhisperModel


def main():
    folder, model_dir = Path(sys.argv[1]), sys.argv[2]
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    model = WhisperModel(model_dir, device="cpu", compute_type="int8", cpu_threads=threads)
    files = []
    for line in (folder / "manifest.jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["kind"] == "malformed":
            continue
        started = time.monotonic()
        segments, info = model.transcribe(str(folder / row["file"]), beam_size=1, condition_on_previous_text=False)
        text = " ".join(segment.text.strip() for segment in segments)
        seconds = time.monotonic() - started
        files.append({"file": row["file"], "text": text, "language": info.language, "seconds": round(seconds, 3)})
        print(f"{row['file']}: {seconds:.1f} s", file=sys.stderr)
    json.dump({"system": "faster-whisper 1.2.1, int8, beam 1", "files": files}, sys.stdout, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
