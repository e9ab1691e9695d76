import { openWhisperCheckpoint, readWhisperSuppressions, type WhisperCheckpoint } from '../graphs/whisper-checkpoint.ts';
import { WhisperWeights } from '../graphs/whisper-weights.ts';
import { LecternError, toLecternError } from '../../contracts/errors.ts';
import type { Suppressions } from './recognizer.ts';
import type { SpecialTokens, WhisperTokenizer } from './tokenizer.ts';
import { readWhisperVocabulary } from './vocabulary-file.ts';

/** Times of a window of 30 s in steps of 20 ms: both ends have a token. */
const TIMESTAMPS = 1501;
/** GPT-2's token for a space alone: text does not begin with one. */
const SPACE = 220;

/**
 * Finds out, before anything is heard, whether the Whisper in a folder (faster-whisper's or Hugging Face's) can be run: every tensor
 * there and of its size, a configuration that fits, a tokenizer of the same vocabulary. Reads no weights: a broken number is found
 * while graphs are built. Gives the names of the files that make the model up. Throws `model-missing` or `invalid-input`.
 */
export async function checkWhisperFolder(dir: string): Promise<string[]> {
  const vocabulary = await readWhisperVocabulary(dir);
  const checkpoint = openWhisperCheckpoint(dir);
  try {
    const { vocabulary: size } = new WhisperWeights(checkpoint.tensors);
    checkVocabulary(vocabulary, size);
    checkSuppressions(checkpoint, size);
    return [...checkpoint.files, ...vocabulary.files];
  } finally {
    checkpoint.close();
  }
}

/** What is wrong with the model in a folder, with the folder's name and what to do about it. */
export function unusableFolder(dir: string, error: unknown): LecternError {
  const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  const { kind, message } = isAbsent ? new LecternError('model-missing', 'there is no such folder') : toLecternError(error);
  return new LecternError(kind, `the model in ${dir} cannot be used: ${message}`, {
    cure: 'Copy or convert it again (faster-whisper or Hugging Face form), or let LECTERN_ASR_MODEL name one of `lectern models list`.',
    cause: error,
  });
}

/** Vocabulary and suppressions of a folder, as decoding needs them. */
export async function readWhisperLanguage(dir: string): Promise<{ tokenizer: WhisperTokenizer; suppressions: Suppressions }> {
  const { tokenizer } = await readWhisperVocabulary(dir);
  const { always, first } = readWhisperSuppressions(dir);
  return {
    tokenizer,
    suppressions: {
      // Fine-tuned models often suppress nothing: control tokens are never text.
      always: [...new Set([...always, ...controlTokens(tokenizer.special)])],
      first: first.length > 0 ? first : [SPACE, tokenizer.special.endOfText],
    },
  };
}

function controlTokens({ endOfText, timestampBegin }: SpecialTokens): number[] {
  return Array.from({ length: timestampBegin - endOfText - 1 }, (_, index) => endOfText + 1 + index);
}

/** One token more or less, as between English and multilingual models, and every time and language would be read wrong. */
function checkVocabulary({ tokenizer, files }: { tokenizer: WhisperTokenizer; files: string[] }, size: number): void {
  const tokens = tokenizer.special.timestampBegin + TIMESTAMPS;
  if (tokens === size) return;
  throw new LecternError('invalid-input', `${files.join(' + ')} has ${tokens} tokens, the weights have ${size}`);
}

function checkSuppressions({ suppressions }: WhisperCheckpoint, size: number): void {
  const wrong = [...suppressions.always, ...suppressions.first].find((token) => token < 0 || token >= size);
  if (wrong !== undefined) throw new LecternError('invalid-input', `config.json suppresses the token ${wrong}, the weights have ${size}`);
}
