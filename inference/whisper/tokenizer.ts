import { LecternError } from '../../contracts/errors.ts';
import { concatBytes, toTokenBytes } from './byte-level.ts';
import { encodeBytePairs } from './byte-pair-encoding.ts';

/** The part of a Hugging Face `tokenizer.json` that Whisper's decoding needs. */
export interface TokenizerJson {
  model: { vocab: Record<string, number> };
  added_tokens: readonly { id: number; content: string }[];
}

/** Ids of Whisper's control tokens. Every id from `timestampBegin` on is a time in steps of 20 ms. */
export interface SpecialTokens {
  endOfText: number;
  startOfTranscript: number;
  transcribe: number;
  noSpeech: number;
  noTimestamps: number;
  timestampBegin: number;
}

/** Seconds from one timestamp token to the next, and between two columns of the encoder's output. */
export const SECONDS_PER_TIMESTAMP = 0.02;

/** Multilingual models have one more plain token than the English-only ones. */
const MULTILINGUAL_END_OF_TEXT = 50_257;

export interface WhisperTokenizer {
  readonly special: SpecialTokens;
  /** Token id of each language code; empty for an English-only model. */
  readonly languages: ReadonlyMap<string, number>;
  /** The bytes of one plain token; none for control tokens and times. */
  bytes(token: number): Uint8Array;
  /** Text of the plain tokens among `tokens`; broken characters become U+FFFD. */
  decode(tokens: readonly number[]): string;
  /** The plain tokens of a text; control tokens in it are spelled out. */
  encode(text: string): number[];
  /** `startoftranscript` and, for a multilingual model, language and task. Throws `invalid-input` for a language it does not know. */
  startSequence(language: string): number[];
}

export function createWhisperTokenizer(json: TokenizerJson): WhisperTokenizer {
  const special = findSpecialTokens(json);
  const languages = special.endOfText === MULTILINGUAL_END_OF_TEXT ? findLanguages(json, special) : new Map<string, number>();
  const entries: string[] = [];
  for (const [entry, id] of Object.entries(json.model.vocab)) if (id < special.endOfText) entries[id] = entry;
  let idOf: Map<string, number> | undefined;
  const decoder = new TextDecoder();
  const none = new Uint8Array(0);

  const bytes = (token: number): Uint8Array => {
    const entry = entries[token];
    return entry === undefined ? none : toTokenBytes(entry);
  };
  return {
    special,
    languages,
    bytes,
    decode: (tokens) => decoder.decode(concatBytes(tokens.map(bytes))),
    // Few recordings come with a vocabulary: the map is made for the first.
    encode: (text) => encodeBytePairs(text, (idOf ??= new Map(entries.map((entry, id) => [entry, id])))),
    startSequence(language) {
      if (languages.size === 0) return [special.startOfTranscript];
      const token = languages.get(language);
      if (token === undefined) throw unknownLanguage(language, [...languages.keys()]);
      return [special.startOfTranscript, token, special.transcribe];
    },
  };
}

export function unknownLanguage(language: string, known: readonly string[]): LecternError {
  return new LecternError('invalid-input', `language ${JSON.stringify(language)} is not one that this model knows`, {
    cure: `Give one of ${known.join(', ')}, or none to have it found.`,
  });
}

function findSpecialTokens(json: TokenizerJson): SpecialTokens {
  const idOf = new Map(json.added_tokens.map(({ content, id }) => [content, id]));
  const find = (...names: string[]): number => {
    for (const name of names) {
      const id = idOf.get(`<|${name}|>`) ?? json.model.vocab[`<|${name}|>`];
      if (id !== undefined) return id;
    }
    throw new LecternError('model-missing', `the tokenizer has no token <|${names[0]}|>: it is not Whisper's`);
  };
  const noTimestamps = find('notimestamps');
  return {
    endOfText: find('endoftext'),
    startOfTranscript: find('startoftranscript'),
    transcribe: find('transcribe'),
    noSpeech: find('nospeech', 'nocaptions'),
    noTimestamps,
    timestampBegin: noTimestamps + 1,
  };
}

/** Language tokens stand right after `startoftranscript`, before the tasks. */
function findLanguages(json: TokenizerJson, special: SpecialTokens): Map<string, number> {
  const languages = new Map<string, number>();
  for (const { id, content } of json.added_tokens) {
    const code = /^<\|([a-z]{2,3})\|>$/.exec(content)?.[1];
    if (code !== undefined && id > special.startOfTranscript && id < special.transcribe) languages.set(code, id);
  }
  return languages;
}
