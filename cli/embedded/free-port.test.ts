import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { takePort } from './free-port.ts';

it('finds a free port, and names the variable when the wanted one is taken', async () => {
  expect(await takePort('127.0.0.1', 0, 'LECTERN_PORT')).toBeGreaterThan(0);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await expect(takePort('127.0.0.1', port, 'LECTERN_PORT')).rejects.toMatchObject({
    kind: 'conflict',
    message: expect.stringContaining(String(port)) as string,
    cure: expect.stringContaining('LECTERN_PORT') as string,
  });
  await new Promise((resolve) => server.close(resolve));
});
