import { splitSentences } from '../../contracts/sentences.ts';
import type { Transcript, Turn, Word } from '../../contracts/transcript.ts';
import { shortClock } from './clock.ts';
import { joinerOf } from './pieces.ts';
import { speakerName, type SpeakerNames } from './speaker-name.ts';

/** A paragraph this long ends with its sentence. */
const MAX_WORDS = 120;
/** A silence of this length after a sentence starts a new paragraph. */
const PAUSE_SECONDS = 1.2;

/** The transcript as a text to read: a heading, then each turn with its speaker, in paragraphs that name their time. */
export function toMarkdown(transcript: Transcript, speakerNames: SpeakerNames, title: string): string {
  const facts = `*${transcript.language}, ${shortClock(transcript.durationSeconds)}*`;
  const turns = transcript.turns.map((turn) => {
    const name = turn.speaker === null ? 'Unknown speaker' : speakerName(turn.speaker, speakerNames, transcript.roles);
    const paragraphs = paragraphsOf(turn).map((words) => {
      const text = words.map((word) => word.text.trim()).join(joinerOf(transcript.language));
      return `\\[${shortClock(words[0]?.startSeconds ?? 0)}\\] ${escapeMarkdown(text)}\n`;
    });
    return paragraphs.length === 0 ? '' : [`**${escapeMarkdown(name)}**\n`, ...paragraphs].join('\n');
  });
  return [`# ${escapeMarkdown(title.replace(/\s+/g, ' '))}\n`, `${facts}\n`, ...turns.filter((text) => text !== '')].join('\n');
}

function paragraphsOf(turn: Turn): Word[][] {
  const words = turn.words.filter((word) => word.text.trim() !== '');
  const paragraphs: Word[][] = [];
  let current: Word[] = [];
  for (const { from, to } of splitSentences(words)) {
    const first = words[from];
    const before = current.at(-1);
    const pause = first !== undefined && before !== undefined && first.startSeconds - before.endSeconds >= PAUSE_SECONDS;
    if (current.length > 0 && (pause || current.length >= MAX_WORDS)) {
      paragraphs.push(current);
      current = [];
    }
    current.push(...words.slice(from, to));
  }
  return current.length > 0 ? [...paragraphs, current] : paragraphs;
}

/** Text that stays text: nothing spoken or typed becomes a link, an image, a tag or a heading. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>&~|#$]/g, '\\$&');
}
