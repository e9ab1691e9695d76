import { stemWord } from './porter-stemmer.ts';
import { toSearchTerms, toWords } from './terms.ts';

// What a question asks for, as far as its first words tell: English and German, as the stop words. Others ask for anything.
const ASKS_TIME =
  /^\W*(?:since )?when\b|\b(?:what|which) (?:year|century|day|date|month|time|decade)\b|^\W*(?:seit )?wann\b|\bin welche[mnr] (?:jahr|jahrhundert|monat)/iu;
const ASKS_NUMBER =
  /\bhow (?:many|much|long|old|often|far|big|large|fast|high|deep)\b|\bwhat (?:number|share|percentage|fraction|distance|dose)\b|\bwie ?viele?\b|\bwie (?:lange?|oft|groß|weit|hoch|alt|tief)\b/iu;

const HOLDS_NUMBER =
  /\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|million|billion|first|second|third|half|quarter|dozen|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|\w*zig|hundert|tausend)\b/iu;
const HOLDS_TIME =
  /\d|\b(?:century|january|february|march|april|may|june|july|august|september|october|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekends?|morning|evening|days?|weeks?|months?|years?|ago|(?:middle )?ages|antiquity|era|today|mittelalter|antike|jahr(?:e|en|hundert)?|tage?n?|wochen?|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)\b/iu;

/**
 * How well a quote could hold what the question asks for, by its kind: 1 where it has a number or a time that the question did not
 * bring along, 0 where it has none, and between the two for questions that ask for neither.
 */
export function fitsAnswerType(question: string, quote: string): number {
  const holds = ASKS_TIME.test(question) ? HOLDS_TIME : ASKS_NUMBER.test(question) ? HOLDS_NUMBER : null;
  if (holds === null) return 0.5;
  const asked = new Set(toSearchTerms(question).map((term) => stemWord(term)));
  const added = quote.split(/\s+/).filter((word) => toWords(word).some((part) => !asked.has(stemWord(part))));
  return holds.test(added.join(' ')) ? 1 : 0;
}
