// Stems German words by Snowball's algorithm (Porter, "German stemming algorithm", snowballstem.org, as of Snowball 2.2). Words come
// without diacritics, which the algorithm takes off at its end: umlauts are vowels with and without.

const VOWELS = 'aeiouy';
const S_ENDINGS = 'bdfghklmnrt';
const ST_ENDINGS = 'bdfghklmnt';
/** Letters that stay before what is cut. */
const KEPT_LETTERS = 3;

/** Where the regions R1 and R2 of a word begin: suffixes are cut inside them only. */
interface Regions {
  r1: number;
  r2: number;
}

/** `word` in lower case and folded, as `toWords` gives it. */
export function stemGermanWord(word: string): string {
  const marked = markConsonants(word.replaceAll('ß', 'ss'));
  const first = regionAfter(marked, 0);
  const regions: Regions = { r1: Math.max(first, Math.min(KEPT_LETTERS, marked.length)), r2: regionAfter(marked, first) };
  let stem = cutPlural(marked, regions);
  stem = cutComparison(stem, regions);
  stem = cutDerivation(stem, regions);
  return stem.toLowerCase();
}

/** `u` and `y` between vowels are consonants: upper case from here on. */
function markConsonants(word: string): string {
  const letters = Array.from(word);
  for (let at = 1; at < letters.length - 1; at++) {
    if ('uy'.includes(letters[at]!) && isVowel(letters[at - 1]!) && isVowel(letters[at + 1]!)) letters[at] = letters[at]!.toUpperCase();
  }
  return letters.join('');
}

/** Behind the first consonant that follows a vowel, from `start` on. */
function regionAfter(word: string, start: number): number {
  for (let at = start + 1; at < word.length; at++) if (isVowel(word[at - 1]!) && !isVowel(word[at]!)) return at + 1;
  return word.length;
}

function cutPlural(word: string, { r1 }: Regions): string {
  const suffix = longestSuffix(word, ['em', 'ern', 'er', 'e', 'en', 'es', 's']);
  if (suffix === undefined || word.length - suffix.length < r1) return word;
  const stem = word.slice(0, -suffix.length);
  if (suffix === 's') return S_ENDINGS.includes(stem.at(-1) ?? ' ') ? stem : word;
  return ['e', 'en', 'es'].includes(suffix) && stem.endsWith('niss') ? stem.slice(0, -1) : stem;
}

function cutComparison(word: string, { r1 }: Regions): string {
  const suffix = longestSuffix(word, ['en', 'er', 'est', 'st']);
  if (suffix === undefined || word.length - suffix.length < r1) return word;
  const stem = word.slice(0, -suffix.length);
  if (suffix !== 'st') return stem;
  return ST_ENDINGS.includes(stem.at(-1) ?? ' ') && stem.length > KEPT_LETTERS ? stem : word;
}

function cutDerivation(word: string, { r1, r2 }: Regions): string {
  const suffix = longestSuffix(word, ['end', 'ung', 'ig', 'ik', 'isch', 'lich', 'heit', 'keit']);
  if (suffix === undefined || word.length - suffix.length < r2) return word;
  const stem = word.slice(0, -suffix.length);
  if (['ig', 'ik', 'isch'].includes(suffix)) return stem.endsWith('e') ? word : stem;
  if (suffix === 'end' || suffix === 'ung') return endsIn(stem, ['ig'], r2) && !stem.endsWith('eig') ? stem.slice(0, -2) : stem;
  if (suffix === 'keit') return endsIn(stem, ['lich', 'ig'], r2) ? stem.slice(0, stem.endsWith('ig') ? -2 : -4) : stem;
  return endsIn(stem, ['er', 'en'], r1) ? stem.slice(0, -2) : stem;
}

function longestSuffix(word: string, suffixes: readonly string[]): string | undefined {
  return suffixes.filter((suffix) => word.endsWith(suffix)).toSorted((a, b) => b.length - a.length)[0];
}

function endsIn(stem: string, suffixes: readonly string[], region: number): boolean {
  return suffixes.some((suffix) => stem.endsWith(suffix) && stem.length - suffix.length >= region);
}

function isVowel(letter: string): boolean {
  return VOWELS.includes(letter);
}
