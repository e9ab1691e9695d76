// Stems English words by Porter's algorithm ("An algorithm for suffix stripping", Program 14(3), 1980), as FTS5's
// `porter` tokenizer does, so that both indexes mean the same term. Other languages pass through nearly unchanged.

type Rule = readonly [suffix: string, replacement: string];

const STEP_2: readonly Rule[] = [
  ['ational', 'ate'], ['tional', 'tion'], ['enci', 'ence'], ['anci', 'ance'], ['izer', 'ize'], ['logi', 'log'], ['bli', 'ble'], ['alli', 'al'],
  ['entli', 'ent'], ['eli', 'e'], ['ousli', 'ous'], ['ization', 'ize'], ['ation', 'ate'], ['ator', 'ate'], ['alism', 'al'], ['iveness', 'ive'],
  ['fulness', 'ful'], ['ousness', 'ous'], ['aliti', 'al'], ['iviti', 'ive'], ['biliti', 'ble'],
]; // prettier-ignore
const STEP_3: readonly Rule[] = [
  ['icate', 'ic'], ['ative', ''], ['alize', 'al'], ['iciti', 'ic'], ['ical', 'ic'], ['ful', ''], ['ness', ''],
]; // prettier-ignore
const STEP_4: readonly string[] = [
  'al', 'ance', 'ence', 'er', 'ic', 'able', 'ible', 'ant', 'ement', 'ment', 'ent', 'ion', 'ou', 'ism', 'ate', 'iti', 'ous', 'ive', 'ize',
]; // prettier-ignore

/** FTS5 stems only words of 3 to 63 bytes. */
const MAX_BYTES = 63;

/** `word` in lower case, as `toWords` gives it. */
export function stemWord(word: string): string {
  const bytes = Buffer.byteLength(word);
  if (bytes < 3 || bytes > MAX_BYTES) return word;
  let stem = stripPlural(word);
  stem = stripParticiple(stem);
  if (stem.endsWith('y') && hasVowel(stem.slice(0, -1))) stem = `${stem.slice(0, -1)}i`;
  stem = replaceLongest(stem, STEP_2);
  stem = replaceLongest(stem, STEP_3);
  stem = stripDerivation(stem);
  return tidyEnd(stem);
}

function stripPlural(word: string): string {
  if (endsWith(word, 'sses') || endsWith(word, 'ies')) return word.slice(0, -2);
  return endsWith(word, 's') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}

function stripParticiple(word: string): string {
  if (endsWith(word, 'eed')) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const suffix = ['ed', 'ing'].find((ending) => endsWith(word, ending));
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  if (!hasVowel(stem)) return word;
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (endsDoubleConsonant(stem) && !/[lsz]$/.test(stem)) return stem.slice(0, -1);
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
}

function replaceLongest(word: string, rules: readonly Rule[]): string {
  const rule = rules.filter(([suffix]) => endsWith(word, suffix)).sort((a, b) => b[0].length - a[0].length)[0];
  if (!rule) return word;
  const stem = word.slice(0, -rule[0].length);
  return measure(stem) > 0 ? stem + rule[1] : word;
}

function stripDerivation(word: string): string {
  const suffix = STEP_4.filter((ending) => endsWith(word, ending)).sort((a, b) => b.length - a.length)[0];
  if (suffix === undefined) return word;
  const stem = word.slice(0, -suffix.length);
  if (measure(stem) <= 1 || (suffix === 'ion' && !/[st]$/.test(stem))) return word;
  return stem;
}

function tidyEnd(word: string): string {
  let stem = word;
  if (stem.endsWith('e')) {
    const shorter = stem.slice(0, -1);
    if (measure(shorter) > 1 || (measure(shorter) === 1 && !endsShort(shorter))) stem = shorter;
  }
  return stem.endsWith('ll') && measure(stem.slice(0, -1)) > 1 ? stem.slice(0, -1) : stem;
}

/** As FTS5: a suffix leaves something before it. */
function endsWith(word: string, suffix: string): boolean {
  return word.length > suffix.length && word.endsWith(suffix);
}

function isConsonant(word: string, index: number): boolean {
  const letter = word[index]!;
  if ('aeiou'.includes(letter)) return false;
  return letter !== 'y' || index === 0 || !isConsonant(word, index - 1);
}

/** How often a consonant follows a vowel run: Porter's m. */
function measure(word: string): number {
  let count = 0;
  for (let index = 1; index < word.length; index++) if (isConsonant(word, index) && !isConsonant(word, index - 1)) count++;
  return count;
}

function hasVowel(word: string): boolean {
  for (let index = 0; index < word.length; index++) if (!isConsonant(word, index)) return true;
  return false;
}

function endsDoubleConsonant(word: string): boolean {
  const last = word.length - 1;
  return last > 0 && word[last] === word[last - 1] && !/[aeiou]$/.test(word);
}

/** Consonant, vowel, consonant other than w, x, y. */
function endsShort(word: string): boolean {
  const last = word.length - 1;
  return last > 1 && isConsonant(word, last) && !isConsonant(word, last - 1) && isConsonant(word, last - 2) && !/[wxy]$/.test(word);
}
