import { DIGITS, MULTIPLIERS, readNumberWord, TENS, type NumberWord } from './number-words.ts';

/** A number being read: `1900` grows by sums and products, `'19'` by digits said one after the other. */
type Value = number | string;

const SIGNS_BEFORE: Record<string, string> = { minus: '-', negative: '-', plus: '+', positive: '+' };
const CURRENCIES: Record<string, string> = {
  pound: '£',
  pounds: '£',
  euro: '€',
  euros: '€',
  dollar: '$',
  dollars: '$',
  cent: '¢',
  cents: '¢',
};
const NUMERAL = /^([-+$¢€£]?)(\d+(?:\.\d+)?)$/;

/**
 * Writes spoken numbers as digits, by the rules of Whisper's normaliser: "twenty one" is 21, "nineteen eighty four" 1984,
 * "two million five" 2000005, "third" 3rd, "five dollars" $5, "ten percent" 10%, "three point one four" 3.14; a lone "one" stays a word.
 */
export function writeNumbersAsDigits(text: string): string {
  const reader = new NumberReader(
    splitLettersFromDigits(text)
      .split(/\s+/)
      .filter((word) => word !== ''),
  );
  return joinMoney(reader.read().join(' ')).replace(/\b1(s?)\b/g, 'one$1');
}

function splitLettersFromDigits(text: string): string {
  return text
    .replace(/\b(\S+) and a half\b/g, (whole, word: string) => (isNumeric(word) ? `${word} point five` : whole))
    .replace(/([a-z])(\d)/g, '$1 $2')
    .replace(/(\d)([a-z])/g, '$1 $2')
    .replace(/(\d)\s+(st|nd|rd|th|s)\b/g, '$1$2');
}

/** `$2 and ¢7` is `$2.07`; cents alone are `¢7`. */
function joinMoney(text: string): string {
  return text.replace(
    /([€£$])(\d+) (?:and )?¢(\d{1,2})\b/g,
    (_, sign: string, whole: string, cents: string) => `${sign}${whole}.${cents.padStart(2, '0')}`,
  );
}

function isNumeric(word: string | undefined): boolean {
  return word !== undefined && (readNumberWord(word) !== undefined || NUMERAL.test(word));
}

class NumberReader {
  readonly #words: readonly string[];
  readonly #output: string[] = [];
  #value: Value | null = null;
  #sign = '';
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  read(): string[] {
    for (; this.#at < this.#words.length; this.#at++) this.#readWord(this.#words[this.#at] ?? '');
    this.#flush();
    return this.#output;
  }

  #readWord(word: string): void {
    const numeral = NUMERAL.exec(word);
    const spoken = readNumberWord(word);
    if (numeral !== null) this.#readNumeral(numeral[1] ?? '', numeral[2] ?? '');
    else if (spoken !== undefined) this.#readSpoken(spoken);
    else if (!this.#readSign(word) && !this.#readJoint(word)) this.#say(word);
  }

  #readNumeral(sign: string, digits: string): void {
    if (typeof this.#value === 'string' && this.#value.endsWith('.')) {
      this.#value += digits;
      return;
    }
    this.#flush();
    if (sign !== '') this.#sign = sign;
    this.#value = digits.includes('.') ? digits : Number(digits);
  }

  #readSpoken({ kind, value, suffix }: NumberWord): void {
    if (kind === 'zero') this.#value = `${this.#value ?? ''}0`;
    else if (kind === 'multiplier') this.#multiply(value);
    else this.#add(kind, value);
    // "third" and "twenties" end a number.
    if (suffix !== '') this.#flush(suffix);
  }

  #add(kind: 'one' | 'ten', value: number): void {
    const before = this.#words[this.#at - 1] ?? '';
    const current = this.#value;
    if (current === null) {
      this.#value = value;
    } else if (typeof current === 'string' || (kind === 'one' && DIGITS.has(before))) {
      const afterTen = kind === 'one' && TENS.has(before) && value < 10;
      this.#value = afterTen ? String(current).slice(0, -1) + String(value) : String(current) + String(value);
    } else {
      const fits = current % (kind === 'one' && value < 10 ? 10 : 100) === 0;
      this.#value = fits ? current + value : String(current) + String(value);
    }
  }

  #multiply(factor: number): void {
    const current = this.#value;
    if (current === null) {
      this.#value = factor;
    } else if (typeof current === 'string' || current === 0) {
      const product = Number(current) * factor;
      if (Number.isInteger(product) && current !== '') this.#value = product;
      else {
        this.#flush();
        this.#value = factor;
      }
    } else {
      const thousands = Math.floor(current / 1000) * 1000;
      this.#value = thousands + (current % 1000) * factor;
    }
  }

  /** "minus five", "five dollars", "five percent". */
  #readSign(word: string): boolean {
    const next = this.#words[this.#at + 1];
    const before = SIGNS_BEFORE[word];
    if (before !== undefined) {
      this.#flush();
      if (!isNumeric(next)) return false;
      this.#sign = before;
      return true;
    }
    if (this.#value === null) return false;
    const currency = CURRENCIES[word];
    if (currency !== undefined) {
      this.#sign = currency;
      this.#flush();
      return true;
    }
    const perCent = word === 'per' && next === 'cent';
    if (word !== 'percent' && !perCent) return false;
    if (perCent) this.#at++;
    this.#flush('%');
    return true;
  }

  /** "one hundred and five", "three point five", "double seven". */
  #readJoint(word: string): boolean {
    const next = this.#words[this.#at + 1];
    const before = this.#words[this.#at - 1] ?? '';
    if (word === 'and') return this.#value !== null && isNumeric(next) && MULTIPLIERS.has(before);
    if (word === 'double' || word === 'triple') {
      const digit = next === undefined ? undefined : readNumberWord(next);
      if (digit === undefined || digit.suffix !== '' || digit.value > 9) return false;
      this.#value = String(this.#value ?? '') + String(digit.value).repeat(word === 'double' ? 2 : 3);
      this.#at++;
      return true;
    }
    if (word !== 'point' || next === undefined) return false;
    const decimal = readNumberWord(next);
    if (!/^\d/.test(next) && (decimal === undefined || decimal.kind === 'multiplier' || decimal.suffix !== '')) return false;
    this.#value = `${this.#value ?? ''}.`;
    return true;
  }

  #say(word: string): void {
    this.#flush();
    this.#output.push(word);
  }

  #flush(suffix = ''): void {
    if (this.#value !== null) this.#output.push(`${this.#sign}${this.#value}${suffix}`);
    this.#value = null;
    this.#sign = '';
  }
}
