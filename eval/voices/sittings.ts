import { mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { tmpdir } from 'node:os';
import { SAMPLE_RATE } from '../../contracts/media.ts';
import type { SpeakerTurn } from '../../contracts/transcript.ts';
import type { PcmSource } from '../../inference/pcm-source.ts';
import { openPcmFile } from '../speech/pcm-file.ts';
import type { Recording } from '../speech/manifest.ts';
import { readSpeakerTruth } from '../speech/score-recording.ts';
import type { Tools } from '../speech/speech-pipeline.ts';

/** A stretch of recording that stands for a lecture: one person's, or of several whose turns are known. */
export interface Sitting {
  name: string;
  audio: PcmSource;
  people: { person: string } | { turns: SpeakerTurn[] };
}

/** Short clips of a person are joined until they are this long, long recordings are cut into pieces of this length. */
const SITTING_SECONDS = 20;

/** Files whose one speaker is known by their names. */
const READERS: readonly [pattern: RegExp, person: (match: RegExpExecArray) => string][] = [
  [/librispeech\/(\d+)-/, (match) => `librispeech ${match[1]}`],
  [/speechbrain\/(spk\d)_/, (match) => `speechbrain ${match[1]}`],
  [/(sense_and_sensibility|LJ001|jfk|columbia)/, (match) => match[1] ?? ''],
];

/** The recordings whose speakers are known, as sittings. A session that was joined from the readers' own clips is left out. */
export async function readSittings(root: string, recordings: readonly Recording[], tools: Pick<Tools, 'media'>): Promise<Sitting[]> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-voices-'));
  const clips = new Map<string, Float32Array[]>();
  const sittings: Sitting[] = [];
  try {
    for (const recording of recordings.filter(({ kind, file }) => kind === 'speech' && !file.includes('dev_4spk_turns'))) {
      const truth = await readSpeakerTruth(root, recording);
      const person = readerOf(recording.file);
      if (truth === undefined && person === undefined) continue;
      const samples = await decode(tools, recording.path, join(folder, 'audio.s16le'));
      if (truth !== undefined) {
        sittings.push({ name: basename(recording.file), audio: toSource(samples), people: { turns: truth.turns } });
      } else if (person !== undefined) clips.set(person, [...(clips.get(person) ?? []), samples]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  for (const [person, own] of clips) {
    for (const [index, samples] of toPieces(own).entries()) {
      sittings.push({ name: `${person} #${index + 1}`, audio: toSource(samples), people: { person } });
    }
  }
  return sittings;
}

function readerOf(file: string): string | undefined {
  for (const [pattern, person] of READERS) {
    const match = pattern.exec(file);
    if (match !== null) return person(match);
  }
  return undefined;
}

async function decode({ media }: Pick<Tools, 'media'>, path: string, pcmPath: string): Promise<Float32Array> {
  await media.decode(path, pcmPath, { maxDurationSeconds: 3600 });
  const file = await openPcmFile(pcmPath);
  try {
    return await file.read(0, file.totalSamples);
  } finally {
    await file.close();
  }
}

/** Clips in a row, cut and joined to about `SITTING_SECONDS`; what is left over goes to the last. */
function toPieces(clips: readonly Float32Array[]): Float32Array[] {
  const all = Float32Array.from(clips.flatMap((clip) => [...clip]));
  const count = Math.max(1, Math.floor(all.length / (SITTING_SECONDS * SAMPLE_RATE)));
  const size = Math.ceil(all.length / count);
  return Array.from({ length: count }, (_, index) => all.subarray(index * size, (index + 1) * size));
}

function toSource(samples: Float32Array): PcmSource {
  return { totalSamples: samples.length, read: async (start, count) => samples.slice(start, start + count) };
}
