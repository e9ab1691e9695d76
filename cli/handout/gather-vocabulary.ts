import { LecternError } from '../../contracts/errors.ts';
import { MAX_TERMS, VocabularyTextSchema } from '../../contracts/vocabulary.ts';
import { extractTerms } from './extract-terms.ts';
import { readOrdinaryWords } from './ordinary-words.ts';
import { readHandout } from './read-handout.ts';

const SHOWN_TERMS = 8;

/**
 * The vocabulary of an upload, a term a line: the terms that were given, then the best of the handouts as far as there is room;
 * `undefined` without either. Errors: `invalid-input`.
 */
export async function gatherVocabulary(
  { vocabulary, vocabularyFrom = [] }: { vocabulary?: string; vocabularyFrom?: readonly string[] },
  note: (line: string) => void,
): Promise<string | undefined> {
  const given = vocabulary === undefined ? [] : parseTerms(vocabulary);
  if (vocabularyFrom.length === 0) return given.length === 0 ? undefined : given.join('\n');
  const texts = await Promise.all(vocabularyFrom.map((path) => readHandout(path)));
  const found = extractTerms(texts.join('\n'), await readOrdinaryWords(), MAX_TERMS);
  const terms = [...new Set([...given, ...found])].slice(0, MAX_TERMS);
  const shown = found.slice(0, SHOWN_TERMS).join(', ');
  note(
    `${vocabularyFrom.join(', ')}: ${found.length} terms${found.length === 0 ? '' : `, ${shown}${found.length > SHOWN_TERMS ? ', ...' : ''}`}`,
  );
  return terms.length === 0 ? undefined : terms.join('\n');
}

function parseTerms(text: string): string[] {
  const parsed = VocabularyTextSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new LecternError('invalid-input', `--vocabulary: ${parsed.error.issues[0]?.message ?? 'no terms'}`, {
    cure: `Give at most ${MAX_TERMS} terms of at most 60 characters, separated by commas.`,
  });
}
