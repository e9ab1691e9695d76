import type { Transcript } from '../../contracts/transcript.ts';
import { clock } from './clock.ts';
import { buildCues } from './cues.ts';
import { speakerName, type SpeakerNames } from './speaker-name.ts';
import { MAX_LINE_CHARACTERS } from './wrap-lines.ts';

/** SubRip. It has no way to say who speaks, so the first cue of a turn starts with the name. */
export function toSubRip(transcript: Transcript, speakerNames: SpeakerNames): string {
  const turnPrefix = (speaker: string): string =>
    `${speakerName(speaker, speakerNames, transcript.roles).slice(0, MAX_LINE_CHARACTERS - 1)}:`;
  return buildCues(transcript, { turnPrefix })
    .map(({ startMilliseconds, endMilliseconds, lines }, index) => {
      const times = `${clock(startMilliseconds, ',')} --> ${clock(endMilliseconds, ',')}`;
      return `${index + 1}\n${times}\n${lines.map(withoutTags).join('\n')}\n`;
    })
    .join('\n');
}

/** SubRip knows no escapes and players obey HTML tags: angle brackets become their typographic cousins. */
function withoutTags(text: string): string {
  return text.replaceAll('<', '‹').replaceAll('>', '›');
}
