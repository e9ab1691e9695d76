import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openQdrantVectorIndex } from '../../retrieval/qdrant/qdrant-vector-index.ts';
import type { VectorIndex } from '../../retrieval/vector-index.ts';
import { DIMENSIONS, toLectureId } from './sample-chunks.ts';

let server: Server | undefined;

/** An index in front of a server that fails as told. */
async function indexBefore(answer: RequestListener): Promise<VectorIndex> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return openQdrantVectorIndex({ url: `http://127.0.0.1:${port}`, dimensions: DIMENSIONS, timeoutMs: 300 });
}

function failing(status: number, error: string): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ status: { error }, time: 0 }));
  };
}

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

describe('the Qdrant index', () => {
  it.each([
    ['a crash', failing(500, 'Service internal error: panicked'), 'unavailable', /cannot serve: Service internal error/],
    ['overload', failing(429, 'Rate limiting exceeded'), 'unavailable', /overloaded/],
    [
      'a full disk',
      failing(500, 'No space left on device: WAL buffer size exceeds available disk space'),
      'out-of-resources',
      /No space left/,
    ],
    ['a wrong key', failing(401, 'Must provide an API key'), 'unavailable', /refuses our key/],
    ['a request we got wrong', failing(400, 'Bad request: Index required but not found for "x"'), 'internal', /Index required/],
    ['a stall', () => undefined, 'unavailable', /did not answer in time/],
    ['a cut connection', ((_request, response) => response.destroy()) satisfies RequestListener, 'unavailable', /cannot serve/],
  ])('types %s', async (_, answer, kind, message) => {
    const index = await indexBefore(answer);
    const expected = { kind, message: expect.stringMatching(message) };
    await expect(index.health()).rejects.toMatchObject(expected);
    await expect(index.search('t', [{ leg: 'bm25', limit: 5, text: 'word' }], {})).rejects.toMatchObject(expected);
    await expect(index.activeGeneration('t', toLectureId(1))).rejects.toMatchObject(expected);
  });

  it('is unavailable where nothing listens, never "no evidence"', async () => {
    const index = await indexBefore(() => undefined);
    await new Promise((resolve) => server!.close(resolve));
    await expect(index.search('t', [{ leg: 'bm25', limit: 5, text: 'word' }], {})).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
