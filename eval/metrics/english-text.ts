import { collapseSpaces, withoutBrackets } from './basic-text.ts';
import { writeNumbersAsDigits } from './english-numbers.ts';
import { toAmericanSpelling } from './english-spelling.ts';

const FILLERS = /\b(hmm|mm|mhm|mmm|uh|um)\b/g;

/** Contractions and titles, in the order in which they are spelled out. */
const EXPANSIONS: readonly [RegExp, string][] = [
  ["\\bwon't\\b", 'will not'],
  ["\\bcan't\\b", 'can not'],
  ["\\blet's\\b", 'let us'],
  ["\\bain't\\b", 'aint'],
  ["\\by'all\\b", 'you all'],
  ['\\bwanna\\b', 'want to'],
  ['\\bgotta\\b', 'got to'],
  ['\\bgonna\\b', 'going to'],
  ["\\bi'ma\\b", 'i am going to'],
  ['\\bimma\\b', 'i am going to'],
  ['\\bwoulda\\b', 'would have'],
  ['\\bcoulda\\b', 'could have'],
  ['\\bshoulda\\b', 'should have'],
  ["\\bma'am\\b", 'madam'],
  ...titles({ mr: 'mister', mrs: 'missus', st: 'saint', dr: 'doctor', prof: 'professor', capt: 'captain', gov: 'governor' }),
  ...titles({ ald: 'alderman', gen: 'general', sen: 'senator', rep: 'representative', pres: 'president', rev: 'reverend' }),
  ...titles({ hon: 'honorable', asst: 'assistant', assoc: 'associate', lt: 'lieutenant', col: 'colonel', jr: 'junior' }),
  ...titles({ sr: 'senior', esq: 'esquire' }),
  ["'d been\\b", ' had been'],
  ["'s been\\b", ' has been'],
  ["'d gone\\b", ' had gone'],
  ["'s gone\\b", ' has gone'],
  ["'d done\\b", ' had done'],
  ["'s got\\b", ' has got'],
  ["n't\\b", ' not'],
  ["'re\\b", ' are'],
  ["'s\\b", ' is'],
  ["'d\\b", ' would'],
  ["'ll\\b", ' will'],
  ["'t\\b", ' not'],
  ["'ve\\b", ' have'],
  ["'m\\b", ' am'],
].map(([pattern, expansion]) => [new RegExp(pattern ?? '', 'g'), expansion ?? '']);

/** Letters that stay letters when their marks go. */
const LETTERS: Record<string, string> = {
  œ: 'oe',
  ø: 'o',
  æ: 'ae',
  ß: 'ss',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
};

/**
 * The normalisation that the Whisper paper (Radford et al. 2022, appendix C) applies to English, so that word error rates compare
 * with published ones: fillers dropped, contractions and titles spelled out, numbers as digits, American spelling (the
 * common differences only, where the paper lists 1,700).
 */
export function normalizeEnglishText(text: string): string {
  let plain = withoutBrackets(text.toLowerCase()).replace(FILLERS, '').replace(/[’‘]/g, "'").replace(/\s+'/g, "'");
  for (const [pattern, expansion] of EXPANSIONS) plain = plain.replace(pattern, expansion);
  plain = plain.replace(/(\d),(\d)/g, '$1$2').replace(/\.([^0-9]|$)/g, ' $1');
  plain = toAmericanSpelling(writeNumbersAsDigits(withoutSymbols(plain)));
  return collapseSpaces(plain.replace(/[.$¢€£]([^0-9])/g, ' $1').replace(/([^0-9])%/g, '$1 '));
}

/** Points and signs of number and money stay for the numbers; all other symbols are spaces, all marks are dropped. */
function withoutSymbols(text: string): string {
  return Array.from(text.normalize('NFKD'), (letter) => {
    if ('.%$¢€£'.includes(letter)) return letter;
    if (LETTERS[letter] !== undefined) return LETTERS[letter];
    if (/\p{Mn}/u.test(letter)) return '';
    return /[\p{M}\p{S}\p{P}]/u.test(letter) ? ' ' : letter;
  }).join('');
}

function titles(words: Record<string, string>): [string, string][] {
  return Object.entries(words).map(([short, full]) => [`\\b${short}\\b`, `${full} `]);
}
