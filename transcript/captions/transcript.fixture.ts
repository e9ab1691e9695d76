import * as fc from 'fast-check';
import type { Transcript, Turn } from '../../contracts/transcript.ts';

/** Words as they come: sentences, markup, arrows, very long ones. */
const wordText = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-zäö]{1,12}[.,?!]?$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('-->', '<b>', '&amp;', '&', '<script>', 'a<b', '00:00:01.000', 'NOTE', '#', '1.', '*x*', '客観的な実在。'),
  },
  { weight: 1, arbitrary: fc.stringMatching(/^\S{43,130}$/) },
);

const turn: fc.Arbitrary<{ speaker: string | null; words: { text: string; gap: number; length: number }[] }> = fc.record({
  speaker: fc.constantFrom('S1', 'S2', null),
  words: fc.array(
    fc.record({ text: wordText, gap: fc.constantFrom(0, 0.01, 0.2, 0.7, 3.3), length: fc.double({ min: 0.01, max: 9, noNaN: true }) }),
    { minLength: 1, maxLength: 60 },
  ),
});

/** A transcript whose words are in order, with all that is awkward to write in a caption. */
export const anyTranscript: fc.Arbitrary<Transcript> = fc
  .tuple(fc.array(turn, { maxLength: 5 }), fc.constantFrom('en', 'ja'))
  .map(([drafts, language]) => {
    let clock = 0;
    const turns = drafts.map(({ speaker, words }): Turn => {
      const timed = words.map(({ text, gap, length }) => {
        const startSeconds = clock + gap;
        clock = startSeconds + length;
        return { text, startSeconds, endSeconds: clock, confidence: 1, speaker, speakerSource: 'overlap' as const };
      });
      return { speaker, words: timed, startSeconds: timed[0]?.startSeconds ?? 0, endSeconds: clock };
    });
    return { language, durationSeconds: clock, speakers: ['S1', 'S2'], turns };
  });

/** Sentences of one speaker, a word each half second. */
export function spoken(text: string, speaker: string | null = 'S1', from = 0): Turn {
  const words = text.split(' ').map((word, index) => ({
    text: word,
    startSeconds: from + index * 0.5,
    endSeconds: from + index * 0.5 + 0.4,
    confidence: 1,
    speaker,
    speakerSource: 'overlap' as const,
  }));
  return { speaker, words, startSeconds: from, endSeconds: words.at(-1)?.endSeconds ?? from };
}

export function transcriptOf(...turns: Turn[]): Transcript {
  return { language: 'en', durationSeconds: 60, speakers: ['S1', 'S2'], turns };
}
