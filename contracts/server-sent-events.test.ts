import { array, asyncProperty, assert, constantFrom, integer, record, string } from 'fast-check';
import { expect, it } from 'vitest';
import { readServerSentEvents, type ServerSentEvent } from './server-sent-events.ts';

async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function read(text: string, sizes: readonly number[] = [text.length + 1]): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  for await (const event of readServerSentEvents(inPieces(new TextEncoder().encode(text), sizes))) events.push(event);
  return events;
}

it.each([
  ['event: hits\ndata: {"a":1}\n\n', [{ event: 'hits', data: '{"a":1}' }]],
  ['data:one\ndata: two\n\n', [{ event: 'message', data: 'one\ntwo' }]],
  [': heartbeat\n\ndata: x\nid: 4\nretry: 5\n\n', [{ event: 'message', data: 'x' }]],
  ['event: none\n\ndata: x\n\n', [{ event: 'message', data: 'x' }]],
  ['data: a\r\n\r\ndata: b\r\rdata: c\n\n', ['a', 'b', 'c'].map((data) => ({ event: 'message', data }))],
  ['data: a: b\n\ndata: cut', [{ event: 'message', data: 'a: b' }]],
])('reads %j', async (text, events) => {
  expect(await read(text)).toEqual(events);
});

it('reads the same events whatever pieces the bytes come in', async () => {
  const line = string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text));
  const event = record({ event: constantFrom('message', 'delta', 'answer'), data: array(line, { minLength: 1, maxLength: 3 }) });
  await assert(
    asyncProperty(
      array(event, { maxLength: 4 }),
      constantFrom('\n', '\r\n', '\r'),
      array(integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
      async (events, newline, sizes) => {
        const text = events
          .map(({ event: name, data }) => [`event: ${name}`, ...data.map((part) => `data: ${part}`), '', ''].join(newline))
          .join('');
        // After a last lone CR the reader waits for what may be its LF: a heartbeat follows in practice.
        const found = await read(`${text}:${newline}`, sizes);
        expect(found).toEqual(events.map(({ event: name, data }) => ({ event: name, data: data.join('\n') })));
      },
    ),
  );
});
