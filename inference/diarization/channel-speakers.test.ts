import { expect, test } from 'vitest';
import type { Span } from '../../contracts/transcript.ts';
import { countFrames, measureLevels, secondsOfFrames } from './channel-levels.ts';
import { judgeChannels, type ChannelHearing, type ChannelJudgement } from './channel-speakers.ts';
import { toDiarization } from './speaker-turns.ts';
import { frameSeconds } from './windows.ts';

const SECONDS = 40;
const FRAMES = countFrames(SECONDS * 16_000);
const NOISE_DB = -70;
const VOICE_DB = -30;
/** 5 s each in turn with pauses of a second; both in the last five. */
const LEFT: Span[] = [0, 12, 34].map((startSeconds) => ({ startSeconds, endSeconds: startSeconds + 5 }));
const RIGHT: Span[] = [6, 18, 34].map((startSeconds) => ({ startSeconds, endSeconds: startSeconds + 5 }));

function toPower(db: number): number {
  return 10 ** (db / 10);
}

/** A channel in which the voices are so loud, over a little noise. */
function hear(voices: readonly { spans: readonly Span[]; db: number }[], speech = voices.flatMap(({ spans }) => spans)): ChannelHearing {
  const levels = Float32Array.from({ length: FRAMES }, (_, frame) => {
    const at = frameSeconds(frame);
    const loud = voices.filter(({ spans }) => spans.some((span) => span.startSeconds <= at && at < span.endSeconds));
    return 10 * Math.log10(loud.reduce((sum, { db }) => sum + toPower(db), toPower(NOISE_DB)));
  });
  return { levels, speech: speech.toSorted((a, b) => a.startSeconds - b.startSeconds) };
}

function call(crossTalkDb: number): [ChannelHearing, ChannelHearing] {
  const channel = (own: readonly Span[], other: readonly Span[]): ChannelHearing =>
    hear([
      { spans: own, db: VOICE_DB },
      { spans: other, db: VOICE_DB + crossTalkDb },
    ]);
  return [channel(LEFT, RIGHT), channel(RIGHT, LEFT)];
}

function turnsOf({ frames }: ChannelJudgement): (string | number)[][] {
  if (frames === null) return [];
  const round = (seconds: number): number => Math.round(seconds);
  return toDiarization(frames, SECONDS).turns.map((turn) => [turn.speaker, round(turn.startSeconds), round(turn.endSeconds)]);
}

test('a channel each: turns by channel, both where both speak, and none for what is heard of the other side', () => {
  const judged = judgeChannels(call(-20));
  expect(judged.evidence.crossTalkDb).toEqual([-20, -20]);
  expect(turnsOf(judged)).toEqual([
    ['S1', 0, 5],
    ['S2', 6, 11],
    ['S1', 12, 17],
    ['S2', 18, 23],
    ['S1', 34, 39],
    ['S2', 34, 39],
  ]);
  expect(toDiarization(judged.frames!, SECONDS).exclusiveTurns.filter(({ startSeconds }) => startSeconds > 30)).toHaveLength(1);
});

test('no cross-talk at all', () => {
  expect(turnsOf(judgeChannels([hear([{ spans: LEFT, db: VOICE_DB }]), hear([{ spans: RIGHT, db: VOICE_DB }])]))).toHaveLength(6);
});

test.each([
  ['two microphones in one room, which hear both', call(-9)],
  ['the same voices in both', call(0)],
  ['nobody on the other side', [hear([{ spans: LEFT, db: VOICE_DB }]), hear([])]],
  ['music on the other side', [hear([{ spans: LEFT, db: VOICE_DB }]), hear([{ spans: RIGHT, db: VOICE_DB }], [])]],
  ['nobody at all', [hear([]), hear([])]],
] as [string, [ChannelHearing, ChannelHearing]][])('%s: no speaker a channel', (_, channels) => {
  expect(judgeChannels(channels).frames).toBeNull();
});

test('the user knows better how many there are', () => {
  for (const speakers of [{ exact: 3 }, { exact: 1 }, { min: 3 }, { max: 1 }]) expect(judgeChannels(call(-20), speakers).frames).toBeNull();
  for (const speakers of [{ exact: 2 }, { min: 2 }, { max: 5 }, {}]) expect(judgeChannels(call(-20), speakers).frames).not.toBeNull();
});

test('levels are those of the frames that turns are made of, and broken samples are silence', async () => {
  const samples = Float32Array.from({ length: 10 * 16_000 }, (_, index) => (index < 80_000 ? 0 : index % 1000 === 0 ? Number.NaN : 0.1));
  const levels = await measureLevels({ totalSamples: samples.length, read: async (start, count) => samples.slice(start, start + count) });
  const loud = levels.findIndex((level) => level > -23);
  expect(frameSeconds(loud)).toBeCloseTo(5, 1);
  expect([levels[0], levels.at(-1)]).toEqual([-100, expect.closeTo(-20, 1)]);
  expect(secondsOfFrames(levels.length)).toBeCloseTo(10, 1);
});
