import type { HeardAudio, WhisperCudaModel } from '../graphs/whisper-cuda/model.ts';
import { endsInLoop } from '../whisper/decoding-rules.ts';
import type { Suppressions } from '../whisper/recognizer.ts';
import { probabilityOf, seededRandom } from '../whisper/token-choice.ts';
import type { WhisperTokenizer } from '../whisper/tokenizer.ts';
import { isDoubtful, isSilence, leastBad, type Attempt } from '../whisper/window-quality.ts';

/** Searched for at temperature 0, as faster-whisper does. */
const BEAMS = 5;
/** Drawn at one after another, one beam each, until the words are believable. */
const FALLBACK_TEMPERATURES = [0.2, 0.4, 0.6, 0.8, 1];
/** Added to the logits of tokens that shall not come. Finite, so that no arithmetic on it makes a NaN. */
const NEVER = -1e9;

/** What the steps below work with: one open model and its vocabulary. */
export interface CudaRecognizer {
  model: WhisperCudaModel;
  tokenizer: WhisperTokenizer;
  suppressions: Suppressions;
}

export interface RowsToDecode {
  audio: HeardAudio;
  /** Of sound in each row. */
  seconds: readonly number[];
  /** Of each row. */
  languages: readonly string[];
  /** Tokens that stand before every prompt: what was said before, or may be said. */
  context: readonly number[];
}

/**
 * The best decoding of each row; `undefined` where nobody speaks. Text without time tokens, as on the CPU; the loop draws at higher
 * temperatures where the text is doubtful, all doubtful rows side by side.
 */
export async function decodeRows(recognizer: CudaRecognizer, rows: RowsToDecode): Promise<(Attempt | undefined)[]> {
  const tried: Attempt[][] = rows.seconds.map(() => []);
  const accepted = new Map<number, Attempt | undefined>();
  for (const temperature of [0, ...FALLBACK_TEMPERATURES]) {
    const open = [...rows.seconds.keys()].filter((row) => !accepted.has(row));
    if (open.length === 0) break;
    const next = await attempt(recognizer, takeRows(recognizer, rows, open), temperature);
    for (const [index, row] of open.entries()) {
      const each = next[index]!;
      tried[row]!.push(each);
      if (isSilence(each)) accepted.set(row, undefined);
      else if (!isDoubtful(each, rows.seconds[row]!)) accepted.set(row, each);
    }
  }
  return tried.map((attempts, row) => {
    if (accepted.has(row)) return accepted.get(row);
    const best = leastBad(attempts);
    return best === undefined || best.text.trim() === '' ? undefined : best;
  });
}

function takeRows({ model }: CudaRecognizer, rows: RowsToDecode, wanted: readonly number[]): RowsToDecode {
  if (wanted.length === rows.seconds.length) return rows;
  return {
    audio: model.selectRows(rows.audio, wanted),
    seconds: wanted.map((row) => rows.seconds[row]!),
    languages: wanted.map((row) => rows.languages[row]!),
    context: rows.context,
  };
}

/** Decodes every row once at one temperature: the loop finds the tokens, one more pass tells how likely they are. */
async function attempt(recognizer: CudaRecognizer, rows: RowsToDecode, temperature: number): Promise<Attempt[]> {
  const { model, tokenizer } = recognizer;
  const { endOfText, noTimestamps, noSpeech } = tokenizer.special;
  const prompts = rows.languages.map((language) => [...rows.context, ...tokenizer.startSequence(language), noTimestamps]);
  const { bias, firstBias } = makeBias(recognizer);
  const random = seededRandom(Math.round(temperature * 10));
  const options = { prompts, beams: temperature === 0 ? BEAMS : 1, temperature, random, firstBias, bias };
  const found = await model.search(rows.audio, options, endOfText);

  // One place is left for the end of text, by which the last word is timed.
  const promptLength = prompts[0]!.length;
  const longest = model.shape.maxTokens - promptLength - 1;
  const texts = found.map(({ tokens, ended }) => ({ tokens: tokens.slice(0, longest), ended: ended && tokens.length <= longest }));
  const length = Math.max(...texts.map(({ tokens }) => tokens.length)) + promptLength + 1;
  const forced = texts.map(({ tokens }, row) => padded([...prompts[row]!, ...tokens], length, endOfText));
  const { startLogits, logProbabilities } = await model.score(rows.audio, forced, rows.context.length, bias);

  return texts.map(({ tokens, ended }, row) => {
    const from = row * (length - 1) + promptLength - 1;
    const scores = logProbabilities.slice(from, from + tokens.length);
    const end = ended ? logProbabilities[from + tokens.length]! : 0;
    const sum = scores.reduce((total, score) => total + score, end);
    const decoded = {
      tokens,
      logProbabilities: scores,
      averageLogProbability: sum / (tokens.length + 1),
      isRunaway: !ended || endsInLoop(tokens),
    };
    const { vocabulary } = model.shape;
    const logits = startLogits.subarray(row * vocabulary, (row + 1) * vocabulary);
    return { decoded, text: tokenizer.decode(tokens), temperature, noSpeechProbability: probabilityOf(noSpeech, logits) };
  });
}

/** `row` followed by `filling` up to `length`. */
export function padded(row: readonly number[], length: number, filling: number): number[] {
  return [...row, ...Array.from({ length: length - row.length }, () => filling)];
}

/** Text only: no control tokens, no times, and what the model's configuration names. */
function makeBias({ model, tokenizer, suppressions }: CudaRecognizer): { bias: Float32Array; firstBias: Float32Array } {
  const { noTimestamps, timestampBegin } = tokenizer.special;
  const bias = new Float32Array(model.shape.vocabulary).fill(NEVER, timestampBegin);
  for (const token of [...suppressions.always, noTimestamps]) bias[token] = NEVER;
  const firstBias = bias.slice();
  for (const token of suppressions.first) firstBias[token] = NEVER;
  return { bias, firstBias };
}
