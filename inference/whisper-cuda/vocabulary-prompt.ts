import type { WhisperTokenizer } from '../whisper/tokenizer.ts';

/** Half of what a row can hold stays for what is said. */
const MAX_CONTEXT_TOKENS = 223;

/**
 * Terms as tokens of what was said before, which Whisper then spells alike: the decoding loop on the device has no place for the
 * step-by-step bias of the CPU. As many of the first terms as there is room for; nothing without terms.
 */
export function toContext(terms: readonly string[], tokenizer: WhisperTokenizer): number[] {
  if (terms.length === 0) return [];
  const tokens: number[] = [];
  for (const term of terms) {
    const spelled = tokenizer.encode(tokens.length === 0 ? ` ${term}` : `, ${term}`);
    if (tokens.length + spelled.length >= MAX_CONTEXT_TOKENS) break;
    tokens.push(...spelled);
  }
  // `startofprev` stands right before `nospeech` in every Whisper's vocabulary.
  return [tokenizer.special.noSpeech - 1, ...tokens];
}
