import type { Citation, QueryEvent, QueryRequest, QueryResponse } from '../../../contracts/query.ts';
import { readServerSentEvents } from '../../../contracts/server-sent-events.ts';
import { ApiProblem, send } from './request.ts';

/** An answer as far as it has come. */
export interface AnswerSoFar {
  text: string;
  citations: Citation[];
  /** There once it is whole; what it says counts. */
  response?: QueryResponse;
}

/** Asks, and yields the answer each time more of it is there. Errors: `ApiProblem`; `TypeError` where the connection breaks. */
export async function* ask(request: Pick<QueryRequest, 'question' | 'filters' | 'history'>): AsyncGenerator<AnswerSoFar> {
  const response = await send('/api/v1/query', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ ...request, stream: true }),
  });
  let answer: AnswerSoFar = { text: '', citations: [] };
  for await (const { event, data } of readServerSentEvents(chunksOf(response.body))) {
    answer = add(answer, { event, data: JSON.parse(data) as unknown } as QueryEvent);
    yield answer;
  }
  if (answer.response === undefined) throw new TypeError('the answer broke off');
}

function add(answer: AnswerSoFar, event: QueryEvent): AnswerSoFar {
  if (event.event === 'error') throw new ApiProblem(event.data);
  if (event.event === 'delta') return { ...answer, text: answer.text + event.data.text };
  if (event.event === 'citation') return { ...answer, citations: [...answer.citations, event.data.citation] };
  if (event.event === 'hits') return answer;
  return { text: event.data.answer?.text ?? '', citations: event.data.answer?.citations ?? [], response: event.data };
}

/** Not every browser iterates a stream by itself. */
async function* chunksOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}
