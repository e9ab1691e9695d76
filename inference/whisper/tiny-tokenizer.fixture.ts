import { toTokenBytes } from './byte-level.ts';
import { createWhisperTokenizer, type TokenizerJson, type WhisperTokenizer } from './tokenizer.ts';

/** Letter of GPT-2's byte alphabet for each byte, found by asking the decoder. */
const LETTERS: string[] = [];
for (let code = 0x21; code < 0x200; code++) {
  const letter = String.fromCodePoint(code);
  const bytes = toTokenBytes(letter);
  if (bytes.length === 1) LETTERS[bytes[0]!] = letter;
}

function toEntry(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => LETTERS[byte]).join('');
}

/** A multilingual tokenizer in small: every byte is the token of its value; `pieces` get ids from 256 on. */
export function createTinyTokenizer(pieces: readonly string[] = []): WhisperTokenizer {
  const vocab: Record<string, number> = {};
  for (const [byte, letter] of LETTERS.entries()) vocab[letter] = byte;
  for (const [index, piece] of pieces.entries()) vocab[toEntry(piece)] = 256 + index;
  const controls = ['endoftext', 'startoftranscript', 'en', 'ja', 'translate', 'transcribe', 'startoflm', 'startofprev', 'nocaptions'];
  const added_tokens: TokenizerJson['added_tokens'] = [...controls, 'notimestamps'].map((name, index) => {
    return { id: 50_257 + index, content: `<|${name}|>` };
  });
  return createWhisperTokenizer({ model: { vocab }, added_tokens });
}

export function byteTokens(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}
