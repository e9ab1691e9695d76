import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readServerSentEvents, type ServerSentEvent } from '../contracts/server-sent-events.ts';
import { toEventStream, type EventStreamOptions } from './event-stream.ts';

type Event = { event: string; data: unknown };

const open = (run: EventStreamOptions<Event>['run'], heartbeatMs?: number): Response =>
  toEventStream<Event>({
    run,
    toFailure: (error) => ({ event: 'error', data: String(error) }),
    ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
  });

async function read(response: Response): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  for await (const event of readServerSentEvents(response.body!)) events.push(event);
  return events;
}

it('sends each event in its order, whatever their text', async () => {
  const response = open(async (send) => {
    send({ event: 'delta', data: { text: 'one\n\ndata: two\r' } });
    await pause(1);
    send({ event: 'answer', data: 3 });
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const events = await read(response);
  expect(events.map(({ event, data }) => [event, JSON.parse(data)])).toEqual([
    ['delta', { text: 'one\n\ndata: two\r' }],
    ['answer', 3],
  ]);
});

it('ends with what was thrown', async () => {
  const response = open(async () => {
    throw new Error('away');
  });
  expect(await read(response)).toEqual([{ event: 'error', data: '"Error: away"' }]);
});

it('shows while nothing happens that it lives', async () => {
  const text = await open(() => pause(60), 10).text();
  expect(text.match(/^: heartbeat$/gm)!.length).toBeGreaterThan(1);
});

it('tells the writer when the reader leaves, and writes no more', async () => {
  let ended: Promise<unknown> | undefined;
  const response = open((send, signal) => {
    send({ event: 'delta', data: 1 });
    const waiting = pause(60_000, undefined, { signal }).finally(() => send({ event: 'delta', data: 2 }));
    ended = waiting;
    return waiting;
  });
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel(new Error('reader left'));
  await expect(ended).rejects.toMatchObject({ name: 'AbortError' });
});
