import type { Transcript } from '../../contracts/transcript.ts';
import { clock } from './clock.ts';
import { buildCues } from './cues.ts';
import { speakerName, type SpeakerNames } from './speaker-name.ts';

/** WebVTT with a voice tag for each known speaker. Source: W3C WebVTT, 4 ("Syntax"). */
export function toWebVtt(transcript: Transcript, speakerNames: SpeakerNames): string {
  const blocks = buildCues(transcript).map(({ startMilliseconds, endMilliseconds, speaker, lines }, index) => {
    const voice = speaker === null ? '' : `<v ${escapeVtt(speakerName(speaker, speakerNames, transcript.roles))}>`;
    const times = `${clock(startMilliseconds, '.')} --> ${clock(endMilliseconds, '.')}`;
    return `${index + 1}\n${times}\n${voice}${lines.map(escapeVtt).join('\n')}\n`;
  });
  return ['WEBVTT\n', ...blocks].join('\n');
}

/** Also `>`: an arrow in the text would end the cue, one in a name its tag. */
function escapeVtt(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
