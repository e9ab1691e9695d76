import { toLetters } from './byte-level.ts';
import { createWhisperTokenizer, type TokenizerJson, type WhisperTokenizer } from './tokenizer.ts';

/** A multilingual tokenizer in small: every byte is the token of its value; `pieces` get ids from 256 on. */
export function createTinyTokenizer(pieces: readonly string[] = []): WhisperTokenizer {
  const vocab: Record<string, number> = {};
  for (let byte = 0; byte < 256; byte++) vocab[toLetters(Uint8Array.of(byte))] = byte;
  for (const [index, piece] of pieces.entries()) vocab[toLetters(new TextEncoder().encode(piece))] = 256 + index;
  const controls = ['endoftext', 'startoftranscript', 'en', 'ja', 'translate', 'transcribe', 'startoflm', 'startofprev', 'nocaptions'];
  const added_tokens: TokenizerJson['added_tokens'] = [...controls, 'notimestamps'].map((name, index) => {
    return { id: 50_257 + index, content: `<|${name}|>` };
  });
  return createWhisperTokenizer({ model: { vocab }, added_tokens });
}

export function byteTokens(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}
