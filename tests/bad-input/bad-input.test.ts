import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TranscriptViewSchema, type Job } from '../../contracts/api.ts';
import type { Transcript } from '../../contracts/transcript.ts';
import { DEMO_LECTURE } from '../media/recordings.ts';
import { openWholeStack, type WholeStack } from './whole-stack.ts';

const EXCERPT = ['-ss', '60', '-t', '10', '-i', DEMO_LECTURE];

/** No language model is configured here, and that is all that is missing. */
const READY = { state: 'completed', degraded: [{ stage: 'contextualize' }] };

let stack: WholeStack;
beforeAll(async () => {
  stack = await openWholeStack();
});
afterAll(() => stack.close());

async function transcriptOf(job: Job): Promise<Transcript> {
  return TranscriptViewSchema.parse(JSON.parse(await stack.api.getTranscript(job.lectureId, 'json')));
}

function textOf(transcript: Transcript): string {
  return transcript.turns.flatMap((turn) => turn.words.map((word) => word.text.trim())).join(' ');
}

/** Nothing of a failed lecture is left but its document, which says why, and the upload itself. */
async function leftOf(job: Job): Promise<{ state: string; failure: unknown; files: string[]; spool: string[]; hits: unknown[] }> {
  const { state, failure } = await stack.api.getLecture(job.lectureId);
  const files = (await stack.stored(job.lectureId)).map((path) => path.slice(path.indexOf(job.lectureId) + job.lectureId.length));
  const { hits } = await stack.api.query({ question: 'error', answer: false, filters: { lectureIds: [job.lectureId] } });
  const spool = await stack.stored('spool/');
  return { state, failure, files: files.filter((file) => file.includes('artifacts')), spool, hits };
}

/** Made inside its test, so that a file that cannot be made fails that test alone. */
type Maker = () => Promise<string>;

const REFUSED: [string, string, Maker][] = [
  ['text named .mp3', 'the file is not a recording in a known format', () => stack.fileOf('notes.mp3', 'Dear students, no recording.')],
  [
    'a playlist in disguise',
    'the file is not a recording in a known format',
    () => stack.fileOf('list.mp4', `#EXTM3U\n#EXTINF:10,\nfile://${DEMO_LECTURE}\n#EXT-X-ENDLIST\n`),
  ],
  [
    'a truncated mp4',
    'the file is cut off: its index is missing',
    async () => {
      const whole = await readFile(await stack.bench.make('whole.mp4', EXCERPT));
      return stack.fileOf('cut.mp4', whole.subarray(0, Math.floor(whole.length * 0.6)));
    },
  ],
  [
    'a video without sound',
    'the file has no audio track',
    () => stack.bench.make('mute.mp4', ['-f', 'lavfi', '-t', '2', '-i', 'testsrc=size=64x64:rate=5', '-c:v', 'mpeg4']),
  ],
  [
    'a track of zero length',
    'the audio track is empty, encrypted or damaged: no sound can be decoded',
    async () => {
      const second = await readFile(await stack.bench.make('second.wav', ['-t', '1', '-i', DEMO_LECTURE, '-bitexact']));
      const header = Buffer.from(second.subarray(0, 44));
      header.writeUInt32LE(0, 40);
      return stack.fileOf('zero.wav', header);
    },
  ],
  [
    'a track of 0 channels',
    'the audio track has no channels',
    async () => {
      const bytes = await readFile(await stack.bench.make('channels.wav', ['-t', '1', '-i', DEMO_LECTURE, '-bitexact']));
      bytes.writeUInt16LE(0, 22);
      return stack.fileOf('channels0.wav', bytes);
    },
  ],
];

describe('what cannot be transcribed fails once, says why, and leaves nothing', () => {
  test.each(REFUSED)('%s', async (_, message, make) => {
    const job = await stack.ingest(await make());
    // The cure follows the message, for the one who reads the failed job.
    const failure = { kind: 'unsupported-media', stage: 'prepare', message: expect.stringContaining(message) as string };
    expect(job).toMatchObject({ state: 'failed', error: failure });
    expect(await leftOf(job)).toEqual({ state: 'failed', failure, files: [], spool: [], hits: [] });
  });

  test('an empty file, and a language that nobody speaks, are refused before there is a job', async () => {
    const before = await stack.api.listJobs({ limit: 50 });
    await expect(stack.ingest(await stack.fileOf('empty.wav', ''))).rejects.toMatchObject({
      kind: 'invalid-input',
      message: 'the file is empty',
    });
    await expect(stack.ingest(DEMO_LECTURE, { language: 'xx' })).rejects.toMatchObject({
      kind: 'invalid-input',
      message: expect.stringContaining('language') as string,
    });
    expect(await stack.api.listJobs({ limit: 50 })).toEqual(before);
    expect(await stack.stored('uploads/')).toEqual([]);
  });
});

describe('what is strange but sound is a lecture', () => {
  test.each<[string, Maker]>([
    ['silence', () => stack.bench.make('silence.flac', ['-f', 'lavfi', '-t', '20', '-i', 'anullsrc=r=16000:cl=mono'])],
    [
      'music only',
      () =>
        stack.bench.make('music.ogg', [
          '-f',
          'lavfi',
          '-t',
          '20',
          '-i',
          "aevalsrc='0.2*sin(2*PI*(220+110*floor(mod(t,4)))*t)+0.1*sin(2*PI*(330+165*floor(mod(t*2,3)))*t)':s=44100",
          '-af',
          'tremolo=f=4:d=0.6',
        ]),
    ],
  ])('%s has an empty transcript in every format, and finds nothing', async (_, make) => {
    const job = await stack.ingest(await make());
    expect(job.state).toBe('completed');
    expect(job.degraded).toContainEqual({ stage: 'detectSpeech', reason: 'no speech was found in this recording' });
    const transcript = await transcriptOf(job);
    expect(textOf(transcript)).toBe('');
    expect(transcript.durationSeconds).toBeCloseTo(20, 0);
    expect(await stack.api.getTranscript(job.lectureId, 'vtt')).toBe('WEBVTT\n');
    expect(await stack.api.getTranscript(job.lectureId, 'srt')).toBe('');
    expect(await stack.api.getTranscript(job.lectureId, 'rttm')).toBe('');
    const { hits, answer } = await stack.api.query({ question: 'What is a parity bit?', filters: { lectureIds: [job.lectureId] } });
    expect(hits).toEqual([]);
    expect(answer?.kind).toBe('none');
  });

  test('a clip of one second', async () => {
    const job = await stack.ingest(await stack.bench.make('second.mp3', ['-ss', '61', '-t', '1', '-i', DEMO_LECTURE]));
    expect(job).toMatchObject(READY);
    const transcript = await transcriptOf(job);
    expect(transcript.durationSeconds).toBeLessThan(1.2);
    expect(transcript.turns.flatMap((turn) => turn.words).length).toBeLessThan(8);
  });

  test('a recording 54 dB too quiet is heard', async () => {
    const job = await stack.ingest(
      await stack.bench.make('quiet.wav', ['-ss', '91', '-t', '15', '-i', DEMO_LECTURE, '-af', 'volume=-54dB']),
    );
    expect(job).toMatchObject(READY);
    expect(textOf(await transcriptOf(job))).toMatch(/cheaper idea .* one more bit/i);
  });

  test('five channels, and a webm cut in half, give what they hold', async () => {
    const layout = 'aformat=channel_layouts=mono,pan=5.0|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0';
    const five = await stack.ingest(await stack.bench.make('five.wav', [...EXCERPT, '-af', layout]));
    expect(textOf(await transcriptOf(five))).toMatch(/overhead/i);
    const whole = await readFile(await stack.bench.make('whole.webm', ['-ss', '51', '-t', '40', '-i', DEMO_LECTURE, '-c:a', 'libopus']));
    const half = await stack.ingest(await stack.fileOf('half.webm', whole.subarray(0, Math.floor(whole.length / 2))));
    const transcript = await transcriptOf(half);
    expect(transcript.durationSeconds).toBeGreaterThan(15);
    expect(transcript.durationSeconds).toBeLessThan(25);
    expect(textOf(transcript)).toMatch(/repetition/i);
  });
});

describe('after all of that', () => {
  test('the worker is the one that was started, and a good recording is ingested, found and cited', async () => {
    const path = await stack.bench.make('good.flac', ['-ss', '86', '-t', '30', '-i', DEMO_LECTURE]);
    const job = await stack.ingest(path);
    expect(job).toMatchObject(READY);
    const { answer } = await stack.api.query({ question: 'What can a parity bit detect?', filters: { lectureIds: [job.lectureId] } });
    expect(answer?.citations.map(({ quote }) => quote).join(' ')).toMatch(/parity/i);
    expect(await stack.log('worker')).not.toMatch(/unhandled|uncaught/i);

    const again = await stack.ingest(path);
    expect(again).toMatchObject({ state: 'completed', lectureId: job.lectureId });
    expect(again.stages.filter(({ state }) => state === 'done').map(({ stage }) => stage)).toEqual([]);
  });
});
