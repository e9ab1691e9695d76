import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ensurePythonPackages } from '../against/installation.ts';
import { TimedTextSchema, type TimedText } from '../against/speech-job.ts';
import { toWav } from '../against/wav.ts';
import type { Recording } from '../manifest.ts';
import type { Tools } from '../speech-pipeline.ts';

const run = promisify(execFile);
/** Its acoustic model and dictionary of English are in the wheel: no hub, and nothing of Whisper. */
const ALIGNER = ['pocketsphinx==5.1.1'];
/** Search widens with length: an hour's text is not held against an hour's sound. */
const LONGEST_SECONDS = 60;

/** Times of words, by file. */
export type WordTimes = ReadonlyMap<string, readonly TimedText[]>;

const ResultSchema = z.object({ files: z.array(z.object({ file: z.string(), words: z.array(TimedTextSchema) })) });

/**
 * When the words of a data set's English recordings are said, by a forced alignment that owes nothing to Whisper: for recordings of at
 * most a minute whose every word the aligner's dictionary has. Errors: `unavailable` where it cannot be installed.
 */
export async function alignRecordings(
  recordings: readonly Recording[],
  { media, maxDurationSeconds, cacheDir }: Tools,
  note: (line: string) => void,
): Promise<WordTimes> {
  const usable = recordings.filter(
    ({ kind, language = 'en', text = '', seconds = Infinity, wordTimes }) =>
      kind === 'speech' && language === 'en' && text !== '' && seconds <= LONGEST_SECONDS && wordTimes === undefined,
  );
  const python = await ensurePythonPackages(ALIGNER, cacheDir, note);
  const folder = await mkdtemp(join(tmpdir(), 'lectern-align-'));
  try {
    const files: { file: string; path: string; text: string }[] = [];
    for (const [index, { file, path, text = '' }] of usable.entries()) {
      const [pcm, wav] = [join(folder, 'audio.s16le'), join(folder, `${index}.wav`)];
      await media.decode(path, pcm, { maxDurationSeconds });
      await writeFile(wav, toWav(await readFile(pcm)));
      files.push({ file, path: wav, text });
    }
    const job = join(folder, 'job.json');
    await writeFile(job, JSON.stringify({ files }));
    const { stdout } = await run(python, [join(import.meta.dirname, 'align_words.py'), job], { maxBuffer: 2 ** 26 });
    const aligned = ResultSchema.parse(JSON.parse(stdout)).files;
    const words = aligned.reduce((sum, one) => sum + one.words.length, 0);
    note(`aligned ${words} words of ${aligned.length} recordings; ${recordings.length - aligned.length} have no such reference`);
    return new Map(aligned.map((one) => [one.file, one.words]));
  } finally {
    await rm(folder, { recursive: true });
  }
}
