export interface NumberWord {
  kind: 'zero' | 'one' | 'ten' | 'multiplier';
  value: number;
  /** `th`, `rd`, ... of an ordinal, `s` of a plural, else empty. */
  suffix: string;
}

const ONES =
  'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ');
const TEN_WORDS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const MULTIPLIER_WORDS: Record<string, number> = {
  hundred: 1e2,
  thousand: 1e3,
  million: 1e6,
  billion: 1e9,
  trillion: 1e12,
};
const IRREGULAR_ORDINALS: Record<string, string> = {
  second: 'two',
  third: 'three',
  fifth: 'five',
  eighth: 'eight',
  ninth: 'nine',
  twelfth: 'twelve',
};

export const DIGITS: ReadonlySet<string> = new Set(ONES);
export const TENS: ReadonlySet<string> = new Set(TEN_WORDS);
export const MULTIPLIERS: ReadonlySet<string> = new Set(Object.keys(MULTIPLIER_WORDS));
const WORDS = readAllWords();

export function readNumberWord(word: string): NumberWord | undefined {
  return WORDS.get(word);
}

function readAllWords(): Map<string, NumberWord> {
  const words = new Map<string, NumberWord>();
  for (const zero of ['o', 'oh', 'zero']) words.set(zero, { kind: 'zero', value: 0, suffix: '' });
  const regular: [string, NumberWord['kind'], number][] = [
    ...ONES.map((word, index): [string, 'one', number] => [word, 'one', index + 1]),
    ...TEN_WORDS.map((word, index): [string, 'ten', number] => [word, 'ten', (index + 2) * 10]),
    ...Object.entries(MULTIPLIER_WORDS).map(([word, value]): [string, 'multiplier', number] => [word, 'multiplier', value]),
  ];
  for (const [word, kind, value] of regular) {
    words.set(word, { kind, value, suffix: '' });
    words.set(word === 'six' ? 'sixes' : word.replace(/y$/, 'ie') + 's', { kind, value, suffix: 's' });
    // "first" is no form of "one".
    if (value > 1) words.set(word.replace(/y$/, 'ie') + 'th', { kind, value, suffix: ordinalSuffix(value) });
  }
  for (const [ordinal, word] of Object.entries(IRREGULAR_ORDINALS)) {
    const { kind, value } = words.get(word) ?? { kind: 'one', value: 0 };
    words.set(ordinal, { kind, value, suffix: ordinalSuffix(value) });
  }
  words.set('first', { kind: 'one', value: 1, suffix: 'st' });
  return words;
}

function ordinalSuffix(value: number): string {
  return { 1: 'st', 2: 'nd', 3: 'rd' }[value] ?? 'th';
}
