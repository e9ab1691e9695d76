import type { EncodedAudio } from '../graphs/whisper-interface.ts';
import type { Recognizer } from './recognizer.ts';

/** How likely each language is in each row of `audio`: `[rows][languages in the tokenizer's order]`. */
export async function guessLanguages({ model, tokenizer }: Recognizer, audio: EncodedAudio): Promise<Float64Array[]> {
  const { special, languages } = tokenizer;
  const { logits } = await model.start(
    audio,
    Array.from({ length: audio.rows }, () => [special.startOfTranscript]),
  );
  return readLanguages(logits.data, model.shape.vocabulary, languages);
}

/** How likely each of `languages` (code to token) is in each row of `logits [rows, vocabulary]` after `startoftranscript`. */
export function readLanguages(logits: Float32Array, vocabulary: number, languages: ReadonlyMap<string, number>): Float64Array[] {
  return Array.from({ length: logits.length / vocabulary }, (_, row) => {
    const values = [...languages.values()].map((token) => logits[row * vocabulary + token]!);
    const highest = Math.max(...values);
    const weights = Float64Array.from(values, (value) => Math.exp(value - highest));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.map((weight) => weight / sum);
  });
}
