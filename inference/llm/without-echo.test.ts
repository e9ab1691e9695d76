import { expect, it } from 'vitest';
import { withoutEcho } from './without-echo.ts';

const SPEECH = 'So the parity bit, as I said on “Monday”,\nis even if the number of ones is odd.';
const SENT = { model: 'm', messages: [{ role: 'user', content: SPEECH }] };

it.each([
  ['as it was sent', `invalid input: ${SPEECH}`],
  ['a part of it', 'input_value="the number of ones is odd."'],
  ['as JSON within JSON', JSON.stringify({ detail: JSON.stringify(SENT) })],
  ['with other quotes', `{'content': '${SPEECH.replace('\n', String.raw`\n`)}'`],
])('withholds what repeats a request, %s', (_, said) => {
  expect(withoutEcho(said, SENT)).toBe('it repeats what it was sent');
});

it.each(['out of memory', 'model "m" not found, try pulling it first', 'the request exceeds the context size: 9000 tokens', ''])(
  'leaves %j as it is',
  (said) => {
    expect(withoutEcho(said, SENT)).toBe(said);
    expect(withoutEcho(said, undefined)).toBe(said);
  },
);
