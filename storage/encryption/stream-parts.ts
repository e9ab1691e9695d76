/** Both, one after the other. */
export async function* joined(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  yield* rest;
}

/** The first `bytes` of a stream, fewer where it is shorter, and what comes after them. */
export async function takeHead(
  source: AsyncIterator<Uint8Array>,
  bytes: number,
): Promise<{ head: Buffer; rest: AsyncGenerator<Uint8Array> }> {
  let held = Buffer.alloc(0);
  while (held.length < bytes) {
    const next = await source.next();
    if (next.done === true) break;
    held = Buffer.concat([held, next.value]);
  }
  const behind = held.subarray(bytes);
  return { head: held.subarray(0, bytes), rest: restOf(behind, source) };
}

async function* restOf(behind: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (behind.length > 0) yield behind;
  for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
}

/**
 * `plain` with its first piece read already, so that what does not open is told at once; gives `source` back when the reader is done
 * or gives up, before its first piece too.
 */
export async function begun(source: AsyncIterator<Uint8Array>, plain: AsyncGenerator<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const first = await plain.next();
  const chunks = (async function* () {
    try {
      yield Buffer.alloc(0);
      if (first.done !== true) yield first.value;
      yield* plain;
    } finally {
      await source.return?.();
    }
  })();
  await chunks.next();
  return chunks;
}

export async function* once(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body;
}

export async function* nothing(): AsyncGenerator<Uint8Array> {}

export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
