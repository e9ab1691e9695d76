import { createServer, type AddressInfo } from 'node:net';

/** A loopback port for the SDK's own numbers: it wants to be told one, and ours fetches them from there to tell all in one place. */
export async function takeMetricsAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return `127.0.0.1:${port}`;
}

/** What the SDK has counted, in text format; nothing where it does not answer: the numbers of ours are worth telling without. */
export async function readTemporalMetrics(address: string): Promise<string> {
  try {
    const response = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(2_000) });
    return response.ok ? await response.text() : '';
  } catch {
    return '';
  }
}
