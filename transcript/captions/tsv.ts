import type { Transcript } from '../../contracts/transcript.ts';

const COLUMNS = ['start', 'end', 'speaker', 'source', 'confidence', 'word'] as const;

/**
 * Every word on a line of its own with how it came by its speaker, for inspection: tab-separated, seconds to the millisecond,
 * speaker labels as in the diarization, none where nobody is known.
 */
export function toTsv(transcript: Transcript): string {
  const lines = transcript.turns.flatMap((turn) =>
    turn.words.map((word) =>
      [
        word.startSeconds.toFixed(3),
        word.endSeconds.toFixed(3),
        word.speaker ?? '',
        word.speakerSource,
        word.confidence.toFixed(3),
        word.text.replace(/\s+/g, ' ').trim(),
      ].join('\t'),
    ),
  );
  return [COLUMNS.join('\t'), ...lines, ''].join('\n');
}
