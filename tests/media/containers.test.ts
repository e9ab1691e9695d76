import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_LECTURE, likeness, openWorkbench, rms, type Workbench } from './recordings.ts';

/** Ten seconds: the end of the lecturer's turn and the first question. */
const EXCERPT = ['-ss', '60', '-t', '10', '-i', DEMO_LECTURE];
const PICTURE = ['-f', 'lavfi', '-t', '10', '-i', 'testsrc=size=160x120:rate=10'];
/** One frame. */
const COVER = ['-f', 'lavfi', '-t', '0.1', '-i', 'testsrc=size=160x120:rate=10'];
const WITH_PICTURE = [...PICTURE, ...EXCERPT, '-map', '0:v', '-map', '1:a'];
const same = (layout: string, channels: number): string[] => [
  '-af',
  `aformat=channel_layouts=mono,pan=${layout}|${Array.from({ length: channels }, (_, index) => `c${index}=c0`).join('|')}`,
];

interface Expected {
  container: string;
  channels: number;
  sampleRate: number;
  hasVideo?: boolean;
}

const RECORDINGS: [string, string[], Expected][] = [
  ['8k.wav', [...EXCERPT, '-ar', '8000'], { container: 'wav', channels: 1, sampleRate: 8_000 }],
  ['44k-stereo.wav', [...EXCERPT, '-ar', '44100', ...same('stereo', 2)], { container: 'wav', channels: 2, sampleRate: 44_100 }],
  ['float.wav', [...EXCERPT, '-c:a', 'pcm_f32le'], { container: 'wav', channels: 1, sampleRate: 48_000 }],
  ['five.wav', [...EXCERPT, ...same('5.0', 5)], { container: 'wav', channels: 5, sampleRate: 48_000 }],
  ['surround.wav', [...EXCERPT, ...same('5.1', 6)], { container: 'wav', channels: 6, sampleRate: 48_000 }],
  ['twelve.wav', [...EXCERPT, ...same('12C', 12)], { container: 'wav', channels: 12, sampleRate: 48_000 }],
  ['rf64.wav', [...EXCERPT, '-rf64', 'always'], { container: 'wav', channels: 1, sampleRate: 48_000 }],
  ['a.mp3', [...EXCERPT, '-b:a', '64k'], { container: 'mp3', channels: 1, sampleRate: 48_000 }],
  [
    'cover.mp3',
    [...COVER, ...EXCERPT, '-map', '1:a', '-map', '0:v', '-c:v', 'png', '-disposition:v', 'attached_pic'],
    { container: 'mp3', channels: 1, sampleRate: 48_000 },
  ],
  ['a.m4a', EXCERPT, { container: 'mp4', channels: 1, sampleRate: 48_000 }],
  ['video.mp4', [...WITH_PICTURE, '-c:v', 'mpeg4'], { container: 'mp4', channels: 1, sampleRate: 48_000, hasVideo: true }],
  ['a.mov', [...WITH_PICTURE, '-c:v', 'mpeg4', '-c:a', 'pcm_s16le'], { container: 'mov', channels: 1, sampleRate: 48_000, hasVideo: true }],
  ['a.webm', [...EXCERPT, '-c:a', 'libopus'], { container: 'webm', channels: 1, sampleRate: 48_000 }],
  ['a.mkv', [...WITH_PICTURE, '-c:v', 'mpeg4', '-c:a', 'flac'], { container: 'matroska', channels: 1, sampleRate: 48_000, hasVideo: true }],
  ['a.ogg', [...EXCERPT, '-c:a', 'libvorbis'], { container: 'ogg', channels: 1, sampleRate: 48_000 }],
  ['a.opus', [...EXCERPT, '-c:a', 'libopus'], { container: 'ogg', channels: 1, sampleRate: 48_000 }],
  ['a.flac', [...EXCERPT, '-ar', '22050'], { container: 'flac', channels: 1, sampleRate: 22_050 }],
  ['a.aac', EXCERPT, { container: 'aac', channels: 1, sampleRate: 48_000 }],
  ['a.wma', [...EXCERPT, '-ar', '44100', ...same('stereo', 2)], { container: 'asf', channels: 2, sampleRate: 44_100 }],
  [
    'a.avi',
    [...WITH_PICTURE, '-c:v', 'mpeg4', '-c:a', 'libmp3lame'],
    { container: 'avi', channels: 1, sampleRate: 48_000, hasVideo: true },
  ],
  [
    'a.ts',
    [...WITH_PICTURE, '-c:v', 'mpeg2video', '-r', '25', '-c:a', 'aac'],
    { container: 'mpeg-ts', channels: 1, sampleRate: 48_000, hasVideo: true },
  ],
  [
    'a.mpg',
    [...WITH_PICTURE, '-c:v', 'mpeg2video', '-r', '25', '-c:a', 'mp2'],
    { container: 'mpeg-ps', channels: 1, sampleRate: 48_000, hasVideo: true },
  ],
  ['a.aiff', EXCERPT, { container: 'aiff', channels: 1, sampleRate: 48_000 }],
  ['a.caf', EXCERPT, { container: 'caf', channels: 1, sampleRate: 48_000 }],
  ['a.flv', [...EXCERPT, '-c:a', 'aac', '-ar', '44100'], { container: 'flv', channels: 1, sampleRate: 44_100 }],
];

describe('every common container', () => {
  let bench: Workbench;
  let reference: Float32Array;

  beforeAll(async () => {
    bench = await openWorkbench();
    reference = await bench.decode(await bench.make('reference.wav', [...EXCERPT, '-ar', '16000']));
  });
  afterAll(() => bench.close());

  test.each(RECORDINGS)('%s gives the same sound at the same time and level', async (name, args, expected) => {
    const path = await bench.make(name, args);
    const info = await bench.tool.probe(path);
    expect(info).toMatchObject({ hasVideo: false, ...expected });
    expect(info.durationSeconds).toBeGreaterThan(9.5);

    const decoded = await bench.decode(path);
    expect(Math.abs(decoded.length - reference.length) / 16_000).toBeLessThan(0.15);
    const { shiftSeconds, correlation } = likeness(reference, decoded);
    expect(correlation).toBeGreaterThan(0.9);
    // An encoder's own delay that its container does not tell (WMA, raw AAC) stays; it is below what anybody hears.
    expect(Math.abs(shiftSeconds)).toBeLessThan(0.07);
    expect(Math.abs(20 * Math.log10(rms(decoded) / rms(reference)))).toBeLessThan(1);
  });

  test('a hole in the clock of a recording becomes silence, so that times stay those of the player', async () => {
    const path = await bench.make('hole.mkv', [...EXCERPT, '-af', 'asetpts=PTS+gt(T\\,4)*3/TB', '-c:a', 'flac']);
    const decoded = await bench.decode(path);
    expect(decoded.length / 16_000).toBeCloseTo(13, 0);
    expect(rms(decoded.subarray(4.5 * 16_000, 6.5 * 16_000))).toBeLessThan(0.001);
  });
});
