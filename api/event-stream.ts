const encoder = new TextEncoder();

/** Proxies take a silent connection for a dead one after half a minute or more. */
const HEARTBEAT_MS = 10_000;

export interface EventStreamOptions<Event extends { event: string; data: unknown }> {
  /** Sends events until it returns. Its signal aborts when the reader leaves. What it throws becomes the last event. */
  run: (send: (event: Event) => void, signal: AbortSignal) => Promise<void>;
  toFailure: (error: unknown) => Event;
  heartbeatMs?: number;
}

/** Server-sent events (WHATWG HTML, 9.2) as the body of a response, with a comment as heartbeat while nothing happens. */
export function toEventStream<Event extends { event: string; data: unknown }>(options: EventStreamOptions<Event>): Response {
  const { run, toFailure, heartbeatMs = HEARTBEAT_MS } = options;
  const left = new AbortController();
  let heartbeat: NodeJS.Timeout | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string): void => {
        if (!left.signal.aborted) controller.enqueue(encoder.encode(text));
      };
      // JSON has no line breaks of its own, so that one line holds it.
      const send = ({ event, data }: Event): void => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      heartbeat = setInterval(() => write(': heartbeat\n\n'), heartbeatMs);
      run(send, left.signal)
        .catch((error: unknown) => send(toFailure(error)))
        .finally(() => {
          clearInterval(heartbeat);
          if (!left.signal.aborted) controller.close();
        });
    },
    cancel(reason) {
      clearInterval(heartbeat);
      left.abort(reason);
    },
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // nginx would keep the events back until it has a buffer full of them.
      'x-accel-buffering': 'no',
    },
  });
}
