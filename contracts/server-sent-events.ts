export interface ServerSentEvent {
  /** `message` where the sender named none. */
  event: string;
  data: string;
}

/** Far above any event of ours or of a language model's: a sender that never ends a line must not fill the memory. */
const MAX_EVENT_CHARACTERS = 4 * 2 ** 20;

/**
 * Events of a `text/event-stream` body (WHATWG HTML, 9.2.6) as they arrive, whatever pieces the bytes come in. Comments, which
 * serve as heartbeats, and events without data are passed over; so is an event cut off at the end of the stream.
 */
export async function* readServerSentEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let event = '';
  let data: string[] = [];
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    if (rest.length > MAX_EVENT_CHARACTERS) throw new RangeError(`an event of over ${MAX_EVENT_CHARACTERS} characters`);
    // A CR at the end may be the first half of a CRLF.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { event: event === '' ? 'message' : event, data: data.join('\n') };
        event = '';
        data = [];
        continue;
      }
      const [, field = '', value = ''] = /^([^:]*)(?:: ?([\s\S]*))?$/.exec(line) ?? [];
      if (field === 'event') event = value;
      else if (field === 'data') data.push(value);
    }
  }
}
