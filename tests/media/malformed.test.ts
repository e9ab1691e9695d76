import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LecternError, toLecternError, type ErrorKind } from '../../contracts/errors.ts';
import { DATA_FOLDER, DEMO_LECTURE, openWorkbench, rms, type Workbench } from './recordings.ts';

const EXCERPT = ['-ss', '60', '-t', '10', '-i', DEMO_LECTURE];

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => bench.close());

async function fileOf(name: string, content: string | Buffer): Promise<string> {
  const path = join(bench.folder, name);
  await writeFile(path, content);
  return path;
}

interface Refusal {
  kind: ErrorKind;
  message: string;
  /** What `probe` says of the same file; `undefined` when it lets it pass. */
  probe: string | undefined;
  leftovers: string[];
}

/** How the tool refuses a file: with an error of ours that names a cure, or the test fails. */
async function refusalOf(path: string): Promise<Refusal> {
  const out = join(bench.folder, 'refused.raw');
  const refused = await bench.tool.decode(path, out, { maxDurationSeconds: 3600 }).then(
    ({ samples }) => new Error(`decoded ${samples} samples of ${path}`),
    (error: unknown) => error,
  );
  if (!(refused instanceof LecternError) || refused.cure === undefined) throw refused;
  const probe = await bench.tool.probe(path).then(
    () => undefined,
    (error: unknown) => toLecternError(error).message,
  );
  const leftovers = (await readdir(bench.folder)).filter((name) => name.startsWith('refused.raw'));
  return { kind: refused.kind, message: refused.message, probe, leftovers };
}

function refusal(message: string, kind: ErrorKind = 'unsupported-media'): Refusal {
  return { kind, message, probe: message, leftovers: [] };
}

const UNKNOWN = refusal('the file is not a recording in a known format');

/** A canonical header with `channels` and `dataBytes` of its own invention. */
function wavHeader(channels: number, dataBytes: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(Math.min(0xff_ff_ff_ff, dataBytes + 36), 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(16_000, 24);
  header.writeUInt32LE(16_000 * 2 * channels, 28);
  header.writeUInt16LE(2 * channels, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

describe('what is no recording is refused by name', () => {
  test('an empty file', async () => {
    expect(await refusalOf(await fileOf('empty.wav', ''))).toEqual(refusal('the file is empty', 'invalid-input'));
  });

  test('text named .mp3', async () => {
    expect(await refusalOf(await fileOf('notes.mp3', 'Dear students,\nthe recording is attached.\n'))).toEqual(UNKNOWN);
  });

  test('a picture', async () => {
    const path = await bench.make('slide.png', ['-f', 'lavfi', '-i', 'testsrc=size=64x64:rate=1', '-frames:v', '1']);
    expect(await refusalOf(path)).toEqual(UNKNOWN);
  });

  test('samples without a header', async () => {
    expect(await refusalOf(await fileOf('raw.wav', Buffer.alloc(40_000, 7)))).toEqual(UNKNOWN);
  });

  test('a video without sound', async () => {
    const path = await bench.make('mute.mp4', ['-f', 'lavfi', '-t', '2', '-i', 'testsrc=size=64x64:rate=5', '-c:v', 'mpeg4']);
    expect(await refusalOf(path)).toEqual(refusal('the file has no audio track'));
  });

  test('a track of no samples, which only decoding finds out', async () => {
    const message = 'the audio track is empty, encrypted or damaged: no sound can be decoded';
    expect(await refusalOf(await fileOf('nothing.wav', wavHeader(1, 0)))).toEqual({ ...refusal(message), probe: undefined });
  });

  test('a header of no channels', async () => {
    const path = await fileOf('channels0.wav', Buffer.concat([wavHeader(0, 32_000), Buffer.alloc(32_000, 3)]));
    expect(await refusalOf(path)).toEqual(refusal('the audio track has no channels'));
  });

  test('an mp4 whose index was cut off', async () => {
    const whole = await readFile(await bench.make('whole.mp4', EXCERPT));
    const path = await fileOf('cut.mp4', whole.subarray(0, Math.floor(whole.length * 0.6)));
    expect(await refusalOf(path)).toEqual(refusal('the file is cut off: its index is missing'));
  });
});

describe('a playlist in disguise makes no request and opens no other file', () => {
  test.each([
    ['HLS', (url: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n${url}\n#EXT-X-ENDLIST\n`],
    ['HLS behind an ID3 tag', (url: string) => `ID3\u0004\0\0\0\0\0\0#EXTM3U\n#EXTINF:10,\n${url}\n`],
    ['ffconcat', (url: string) => `ffconcat version 1.0\nfile '${url}'\n`],
    ['DASH', (url: string) => `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>${url}</BaseURL></MPD>`],
    ['SDP', () => 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n'],
    ['a file reference', (_: string, local: string) => `ffconcat version 1.0\nfile '${local}'\n`],
  ])('%s', async (_, playlist) => {
    let requests = 0;
    const server = createServer((_request, response) => {
      requests += 1;
      response.end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret.wav`;
      for (const name of ['list.mp4', 'list.mp3', 'list.wav']) {
        expect(await refusalOf(await fileOf(name, playlist(url, DEMO_LECTURE)))).toMatchObject({
          kind: 'unsupported-media',
          leftovers: [],
        });
      }
      expect(requests).toBe(0);
    } finally {
      server.close();
    }
  });
});

describe('what holds sound gives its sound', () => {
  test('half a webm gives half the sound', async () => {
    const whole = await readFile(await bench.make('whole.webm', [...EXCERPT, '-c:a', 'libopus']));
    const decoded = await bench.decode(await fileOf('half.webm', whole.subarray(0, Math.floor(whole.length / 2))));
    expect(decoded.length / 16_000).toBeGreaterThan(4);
    expect(decoded.length / 16_000).toBeLessThan(6);
  });

  test('a header that claims two gigabytes is not believed', async () => {
    const samples = Buffer.from((await bench.decode(DEMO_LECTURE)).subarray(0, 48_000).buffer).subarray(0, 96_000);
    const decoded = await bench.decode(await fileOf('liar.wav', Buffer.concat([wavHeader(1, 2 ** 31), samples])));
    expect(decoded.length).toBe(48_000);
  });

  test('an mp3 named .wav is an mp3', async () => {
    const path = await fileOf('named.wav', await readFile(await bench.make('real.mp3', EXCERPT)));
    expect((await bench.tool.probe(path)).container).toBe('mp3');
  });

  test('silence, and a clip of one second, are recordings', async () => {
    const silence = await bench.decode(await bench.make('silence.flac', ['-f', 'lavfi', '-t', '3', '-i', 'anullsrc=r=16000:cl=mono']));
    expect(silence.length).toBe(48_000);
    expect(rms(silence)).toBe(0);
    const clip = await bench.decode(await bench.make('clip.mp3', ['-ss', '60', '-t', '1', '-i', DEMO_LECTURE]));
    expect(clip.length / 16_000).toBeCloseTo(1, 1);
  });
});

interface Expectation {
  file: string;
  why: string;
  decodedSeconds: number;
}

/** What stock ffmpeg made of each broken file. The list also names files that are not in the folder. */
function readExpectations(folder: string): Expectation[] {
  if (!existsSync(join(folder, 'EXPECT.tsv'))) {
    console.warn(`tests/media: ${folder} is not on this machine: broken files found in the wild are not tried.`);
    return [];
  }
  const [, ...lines] = readFileSync(join(folder, 'EXPECT.tsv'), 'utf8').trim().split('\n');
  const rows = lines.map((line) => line.split('\t'));
  const expectations = rows.map(([file = '', , why = '', , , , seconds]) => ({ file, why, decodedSeconds: Number(seconds) }));
  return expectations.filter(({ file }) => existsSync(join(folder, file)));
}

const folder = join(DATA_FOLDER, 'malformed');
const expectations = readExpectations(folder);

describe.skipIf(expectations.length === 0)('broken files found in the wild', () => {
  test.each(expectations.filter((expected) => expected.decodedSeconds > 0))('$file gives its sound: $why', async (expected) => {
    const seconds = (await bench.decode(join(folder, expected.file))).length / 16_000;
    // Silence for gaps in the clock is ours; stock ffmpeg, which made the list, leaves it out.
    expect(seconds).toBeGreaterThanOrEqual(expected.decodedSeconds - 0.02);
    expect(seconds).toBeLessThanOrEqual(expected.decodedSeconds + 1.5);
  });

  test.each(expectations.filter((expected) => expected.decodedSeconds === 0))('$file is refused: $why', async ({ file }) => {
    expect(await refusalOf(join(folder, file))).toMatchObject({ kind: 'unsupported-media', leftovers: [] });
  });
});
