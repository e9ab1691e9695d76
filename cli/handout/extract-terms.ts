/** How much more a kind of term is worth telling than a plain rare word. */
const WORTH = { name: 3, acronym: 2, capitalised: 2, plain: 1 } as const;
type Kind = keyof typeof WORTH;

interface Found {
  term: string;
  kind: Kind;
  count: number;
}

const WORD = /\p{L}[\p{L}\p{M}\p{N}'’-]*/gu;
const MIN_LETTERS = 4;
const MAX_CHARACTERS = 60;
const MAX_NAME_WORDS = 4;
/** Small words inside names: Ludwig van Beethoven, Vera de la Cruz. */
const PARTICLES: ReadonlySet<string> = new Set([
  'van',
  'von',
  'der',
  'den',
  'de',
  'del',
  'della',
  'la',
  'le',
  'da',
  'di',
  'al',
  'bin',
  'of',
]);

interface Token {
  text: string;
  /** Nothing, or a mark that ends a sentence, stands before it. */
  opens: boolean;
  /** Only a space stands before it. */
  follows: boolean;
}

/**
 * The terms of a text that a transcriber is likely to misspell, the most worthwhile first: names of several words, acronyms, and
 * words that are not among the `ordinary` (lower case). What is there more often counts more. At most `limit`.
 */
export function extractTerms(text: string, ordinary: ReadonlySet<string>, limit: number): string[] {
  const found = new Map<string, Found>();
  const add = (term: string, kind: Kind): void => {
    if (term.length > MAX_CHARACTERS) return;
    const known = found.get(term);
    found.set(term, { term, kind: known?.kind ?? kind, count: (known?.count ?? 0) + 1 });
  };
  for (const line of unwrap(text)) {
    const tokens = toTokens(line);
    if (isShouted(tokens)) continue;
    for (const name of findNames(tokens, ordinary)) add(name, 'name');
    for (const token of tokens) {
      const kind = kindOf(token, ordinary);
      if (kind !== undefined) add(token.text, kind);
    }
  }
  const worth = ({ kind, count }: Found): number => WORTH[kind] * (1 + Math.log2(count));
  const merged = mergeCases([...found.values()]);
  return merged
    .toSorted((a, b) => worth(b) - worth(a) || (a.term < b.term ? -1 : 1))
    .slice(0, limit)
    .map(({ term }) => term);
}

/** Paragraphs, with words that were divided at the end of a line joined again. */
function unwrap(text: string): string[] {
  const joined = text
    .normalize('NFC')
    .replaceAll('\u00AD', '')
    .replaceAll(/(\p{Ll})-\r?\n(\p{Ll})/gu, '$1$2');
  return joined.split(/\r?\n/).filter((line) => line.trim() !== '');
}

function toTokens(line: string): Token[] {
  return [...line.matchAll(WORD)].map((match, index) => {
    const before = line.slice(0, match.index);
    return {
      text: match[0].replace(/['’](s|S)?$|-+$/u, ''),
      opens: index === 0 || /[.!?:;•]["'”’)\]]*\s*$/u.test(before),
      follows: index > 0 && /[\p{L}\p{N}] $/u.test(before),
    };
  });
}

/** Headings in capitals say nothing about how a word is written. */
function isShouted(tokens: readonly Token[]): boolean {
  const long = tokens.filter(({ text }) => text.length >= MIN_LETTERS);
  return long.length > 1 && long.every(({ text }) => text === text.toUpperCase());
}

function kindOf({ text, opens }: Token, ordinary: ReadonlySet<string>): Kind | undefined {
  const capitals = text.match(/\p{Lu}/gu)?.length ?? 0;
  // Capitals within a word, or capitals with digits: FFT, LaTeX, H2O, GPT-4.
  if (capitals >= 2 && /^\p{Lu}[\p{L}\p{N}-]*$|\p{Ll}\p{Lu}/u.test(text) && !text.split('-').every(isCapitalised)) return 'acronym';
  if (text.length < MIN_LETTERS || isOrdinary(text, ordinary)) return undefined;
  return capitals > 0 && !opens ? 'capitalised' : 'plain';
}

/** One capital, then small letters, as in each part of Levi-Civita. */
function isCapitalised(text: string): boolean {
  return /^\p{Lu}[\p{Ll}\p{M}'’]+$/u.test(text);
}

/** A word is as ordinary as its parts, and as its form without an English ending. */
function isOrdinary(text: string, ordinary: ReadonlySet<string>): boolean {
  const parts = text.toLowerCase().split(/['’-]/u);
  return parts.every((part) =>
    [part, part.replace(/(s|es|ed|d|ing|ly|er|est)$/, ''), part.replace(/ies$/, 'y')].some((form) => isKnown(form, ordinary)),
  );
}

function isKnown(form: string, ordinary: ReadonlySet<string>): boolean {
  return form.length < 3 || ordinary.has(form);
}

/** Capitalised words in a row, of which one at least is not ordinary. */
function findNames(tokens: readonly Token[], ordinary: ReadonlySet<string>): string[] {
  const names: string[] = [];
  for (let start = 0; start < tokens.length; start++) {
    if (!startsName(tokens[start]!, ordinary)) continue;
    let end = start + 1;
    while (end < tokens.length && end - start < MAX_NAME_WORDS && tokens[end]!.follows && belongs(tokens[end]!)) end++;
    while (end > start + 1 && !isCapital(tokens[end - 1]!)) end--;
    const words = tokens.slice(start, end).map(({ text }) => text);
    if (words.length > 1 && words.some((word) => word.length >= MIN_LETTERS && !isOrdinary(word, ordinary))) names.push(words.join(' '));
    start = end - 1;
  }
  return names;
}

/** The first word of a sentence is capitalised in any case: an ordinary one begins no name. */
function startsName(token: Token, ordinary: ReadonlySet<string>): boolean {
  return isCapital(token) && !(token.opens && isOrdinary(token.text, ordinary));
}

function belongs(token: Token): boolean {
  return isCapital(token) || PARTICLES.has(token.text);
}

function isCapital({ text }: Token): boolean {
  return text.split('-').every(isCapitalised);
}

/** A word that is also there in small letters has its capital from the beginning of a sentence. */
function mergeCases(found: readonly Found[]): Found[] {
  const byTerm = new Map(found.map((each) => [each.term, each]));
  for (const each of found) {
    const small = byTerm.get(each.term.toLowerCase());
    if (small === undefined || small.term === each.term || each.kind === 'name' || each.kind === 'acronym') continue;
    byTerm.set(small.term, { ...small, count: small.count + each.count });
    byTerm.delete(each.term);
  }
  return [...byTerm.values()];
}
