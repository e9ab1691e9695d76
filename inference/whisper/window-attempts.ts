import type { EncodedAudio } from '../graphs/whisper-interface.ts';
import { createAttentionLog } from './attention-log.ts';
import { decodeWithBeams } from './beam-search.ts';
import type { DecodingRules } from './decoding-rules.ts';
import { decodeGreedily } from './greedy-decode.ts';
import type { Recognizer } from './recognizer.ts';
import type { TermBias } from './term-bias.ts';
import { probabilityOf } from './token-choice.ts';
import { isDoubtful, isSilence, leastBad, type Attempt } from './window-quality.ts';

/** How an attempt decodes. */
interface Approach {
  timestamps: boolean;
  temperature: number;
  /** By beam search, where the recognizer follows more than one hypothesis. */
  beams: boolean;
}

/**
 * Without time tokens first: on real lectures that loses no sentence at the end of a window, where text with times often stops early
 * (measured on 19 minutes of English: 10.3 against 13.6 % word errors). Word times come from the attention in any case.
 */
const FIRST: Approach = { timestamps: false, temperature: 0, beams: false };

/**
 * Where greedy decoding is less sure of a window than this, beams are worth their time. On 14 minutes of English, errors and processor
 * time: greedy 8.9 % and 78 s, beams below -0.4 8.9 % and 96 s, below -0.25 8.6 % and 109 s, for all windows 8.6 % and 155 s.
 */
const SURE_LOG_PROBABILITY = -0.25;
const SEARCHED: Approach = { ...FIRST, beams: true };

/** Tried one after another until the words are believable: times keep Whisper out of most loops, chance out of the rest. */
const FALLBACKS: readonly Approach[] = [0, 0.2, 0.4, 0.6, 0.8, 1].map((temperature) => ({
  timestamps: true,
  temperature,
  beams: temperature === 0,
}));

/** As OpenAI's beam search by default: a window is done when as many hypotheses have ended as are followed. */
const PATIENCE = 1;

/** What is known of each row before it is decoded. */
export interface RowsToDecode {
  audio: EncodedAudio;
  /** Of sound in each row. */
  seconds: readonly number[];
  /** Of each row. */
  languages: readonly string[];
  /** Terms that all of them may hold. */
  bias: TermBias | undefined;
}

/** The best decoding of each row; `undefined` where nobody speaks. */
export async function decodeRows(recognizer: Recognizer, rows: RowsToDecode): Promise<(Attempt | undefined)[]> {
  const attempts = await attempt(recognizer, rows, FIRST);
  const accepted: (Attempt | undefined)[] = [];
  for (const [row, greedy] of attempts.entries()) {
    const seconds = rows.seconds[row]!;
    if (isSilence(greedy)) {
      accepted.push(undefined);
      continue;
    }
    const first = isUnsure(recognizer, greedy) ? await search(recognizer, takeRow(recognizer, rows, row), greedy) : greedy;
    accepted.push(isDoubtful(first, seconds) ? await retry(recognizer, takeRow(recognizer, rows, row), first) : first);
  }
  return accepted;
}

function isUnsure({ beamWidth }: Recognizer, { decoded }: Attempt): boolean {
  return beamWidth > 1 && decoded.averageLogProbability < SURE_LOG_PROBABILITY;
}

/** Hears one window again by beam search; keeps what is likelier. */
async function search(recognizer: Recognizer, row: RowsToDecode, greedy: Attempt): Promise<Attempt> {
  const [found] = await attempt(recognizer, row, SEARCHED);
  return found!.decoded.averageLogProbability > greedy.decoded.averageLogProbability ? found! : greedy;
}

function takeRow({ model }: Recognizer, { audio, seconds, languages, bias }: RowsToDecode, row: number): RowsToDecode {
  return { audio: model.selectAudio(audio, [row]), seconds: [seconds[row]!], languages: [languages[row]!], bias };
}

/** Hears one doubtful window again. */
async function retry(recognizer: Recognizer, row: RowsToDecode, first: Attempt): Promise<Attempt | undefined> {
  const attempts = [first];
  for (const approach of FALLBACKS) {
    const [next] = await attempt(recognizer, row, approach);
    if (isSilence(next!)) return undefined;
    if (!isDoubtful(next!, row.seconds[0]!)) return next;
    attempts.push(next!);
  }
  const best = leastBad(attempts);
  return best === undefined || best.text.trim() === '' ? undefined : best;
}

/** Decodes every row once at one temperature. */
async function attempt(
  { model, tokenizer, suppressions, beamWidth }: Recognizer,
  { audio, languages, bias }: RowsToDecode,
  { timestamps, temperature, beams }: Approach,
): Promise<Attempt[]> {
  const prompts = languages.map((language) => {
    const start = tokenizer.startSequence(language);
    return timestamps ? start : [...start, tokenizer.special.noTimestamps];
  });
  const promptLength = prompts[0]!.length;
  const size = model.shape.vocabulary;
  const { state, logits } = await model.start(audio, prompts, promptLength === 1 ? [0] : [0, promptLength - 1]);
  const [, perRow] = logits.dims as [number, number];
  const rowsOf = (place: number): Float32Array[] =>
    Array.from({ length: audio.rows }, (_, row) => logits.data.subarray((row * perRow + place) * size, (row * perRow + place + 1) * size));
  const noSpeech = rowsOf(0).map((row) => probabilityOf(tokenizer.special.noSpeech, row));
  const usesBeams = beams && beamWidth > 1;
  // Words without times are timed by what was listened to; that of beams is nobody's in particular.
  const attention = timestamps || usesBeams ? undefined : createAttentionLog(audio.rows);
  attention?.add(model.attention(state));
  const next = new Float32Array(audio.rows * size);
  for (const [row, values] of rowsOf(perRow - 1).entries()) next.set(values, row * size);

  const rules: DecodingRules = {
    special: tokenizer.special,
    suppressed: suppressions.always,
    suppressedFirst: suppressions.first,
    timestamps,
    temperature,
    seed: Math.round(temperature * 10),
    bias,
  };
  const decoder = {
    vocabularySize: size,
    maxTokens: model.shape.maxTokens - promptLength - 1,
    step: async (tokens: readonly number[]) => {
      const { data } = await model.step(state, tokens);
      attention?.add(model.attention(state));
      return data;
    },
    keepRows: (rows: readonly number[]) => {
      model.keepRows(state, rows);
      attention?.keep(rows);
    },
  };
  const results = usesBeams
    ? await decodeWithBeams(decoder, next, rules, { width: beamWidth, patience: PATIENCE })
    : await decodeGreedily(decoder, next, rules);
  return results.map((decoded, row) => {
    const heard = attention === undefined ? undefined : () => attention.of(row);
    return { decoded, text: tokenizer.decode(decoded.tokens), temperature, noSpeechProbability: noSpeech[row]!, heard };
  });
}
