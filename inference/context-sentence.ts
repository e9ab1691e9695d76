import { splitSentences } from '../contracts/sentences.ts';

const MAX_CHARACTERS = 300;
/** A reply that runs on is not read to its end. */
const MAX_READ_CHARACTERS = 4_000;

/**
 * The first sentence of a reply as plain text, at most 300 characters: a spoken injection that the model obeyed must not live on in
 * the index as a link, as markup or as a wall of words. `null` where nothing is left.
 */
export function toContextSentence(reply: string): string | null {
  const line = reply
    .slice(0, MAX_READ_CHARACTERS)
    .replaceAll(/<think>[\s\S]*?(?:<\/think>|$)/gi, ' ')
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S+|\b(?:javascript|data|mailto):\S+|\bwww\.\S+|\b[\w.-]+\.[a-z]{2,}\/\S*|\S+@\S+\.\S+/gi, ' ')
    .replaceAll(/[*_`#~|<>[\]{}]+/g, ' ')
    .split('\n')
    .map((part) => part.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim())
    .find((part) => /\p{L}/u.test(part));
  if (line === undefined) return null;
  const words = line.split(' ').map((text) => ({ text }));
  const sentence = line.split(' ').slice(0, splitSentences(words)[0]?.to).join(' ');
  if (sentence.length <= MAX_CHARACTERS) return sentence;
  return sentence.slice(0, sentence.lastIndexOf(' ', MAX_CHARACTERS)) || sentence.slice(0, MAX_CHARACTERS);
}
