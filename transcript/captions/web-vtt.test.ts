import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Transcript } from '../../contracts/transcript.ts';
import { anyTranscript, spoken, transcriptOf } from './transcript.fixture.ts';
import { toWebVtt } from './web-vtt.ts';

interface ParsedCue {
  start: number;
  end: number;
  voice: string | undefined;
  lines: string[];
}

/** The part of the W3C parsing algorithm that our files need: blocks, timings, a voice tag, character references. */
function parseVtt(file: string): ParsedCue[] {
  const [header, ...blocks] = file.replace(/\n+$/, '').split(/\n{2,}/);
  expect(header).toBe('WEBVTT');
  return blocks.map((block) => {
    const [, times = '', ...text] = block.split('\n');
    const [, start = '', end = ''] = /^(\d\d+:\d\d:\d\d\.\d{3}) --> (\d\d+:\d\d:\d\d\.\d{3})$/.exec(times) ?? [];
    const body = text.join('\n');
    expect(body).not.toContain('-->');
    const [tag, voice] = /^<v ([^>]+)>/.exec(body) ?? [''];
    const plain = body.slice(tag.length);
    expect(plain).not.toMatch(/[<>]/);
    return { start: toSeconds(start), end: toSeconds(end), voice: voice && unescape(voice), lines: plain.split('\n').map(unescape) };
  });
}

function toSeconds(time: string): number {
  const [hours, minutes, seconds] = time.split(':').map(Number);
  return (hours ?? NaN) * 3600 + (minutes ?? NaN) * 60 + (seconds ?? NaN);
}

function unescape(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function textOf(transcript: Transcript): string {
  return transcript.turns.flatMap((turn) => turn.words.map((word) => word.text)).join('');
}

test('parsed back, every character of the transcript is there, in order', () => {
  fc.assert(
    fc.property(anyTranscript, (transcript) => {
      const cues = parseVtt(toWebVtt(transcript, {}));
      expect(
        cues
          .flatMap((cue) => cue.lines)
          .join('')
          .replaceAll(' ', ''),
      ).toBe(textOf(transcript));
    }),
  );
});

test('at most two lines of 42 characters and seven seconds, ascending, not overlapping', () => {
  fc.assert(
    fc.property(anyTranscript, (transcript) => {
      const cues = parseVtt(toWebVtt(transcript, {}));
      cues.forEach((cue, index) => {
        expect(cue.lines.length).toBeLessThanOrEqual(2);
        for (const line of cue.lines) expect(line.length).toBeLessThanOrEqual(42);
        expect(cue.end).toBeGreaterThan(cue.start);
        expect(cue.end - cue.start).toBeLessThanOrEqual(7.0011);
        // Two words that start within a millisecond still make two cues of a millisecond each.
        expect(cue.end).toBeLessThanOrEqual(Math.max(cues[index + 1]?.start ?? Infinity, cue.start + 0.0011));
      });
    }),
  );
});

test('cues end where people breathe, and say who speaks', () => {
  const file = toWebVtt(
    transcriptOf(
      spoken('Send every bit three times. The receiver takes a vote, and the majority decides what was meant by the sender.'),
      spoken('Why three?', 'S2', 12),
    ),
    { S1: 'Dr. A & B', S2: 'x>y\n\nNOTE' },
  );
  expect(file).toBe(`WEBVTT

1
00:00:00.000 --> 00:00:04.900
<v Dr. A &amp; B>Send every bit three times.
The receiver takes a vote,

2
00:00:05.000 --> 00:00:09.900
<v Dr. A &amp; B>and the majority decides
what was meant by the sender.

3
00:00:12.000 --> 00:00:13.000
<v x&gt;y NOTE>Why three?
`);
});

test('times are rounded once: 0.9996 s is a whole second, never 0,1000', () => {
  const turn = spoken('Yes.');
  const words = turn.words.map((word) => ({ ...word, startSeconds: 0.9996, endSeconds: 59.9999 - 53 }));
  expect(toWebVtt(transcriptOf({ ...turn, words }), {})).toContain('00:00:01.000 --> 00:00:07.000');
});

test('nothing said is a valid, empty file; nobody known has no voice tag', () => {
  expect(toWebVtt(transcriptOf(), {})).toBe('WEBVTT\n');
  expect(toWebVtt(transcriptOf(spoken('Hello.', null)), {})).not.toContain('<v');
});
