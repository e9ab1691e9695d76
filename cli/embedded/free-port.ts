import { createServer } from 'node:net';
import { LecternError } from '../../contracts/errors.ts';

/** A port that is free on `host`: `port` itself, or any where it is 0. Errors: `conflict`, naming the variable to change. */
export async function takePort(host: string, port: number, variable: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') {
        reject(new LecternError('unavailable', `port ${port} on ${host} cannot be used: ${error.message}`, { cause: error }));
        return;
      }
      reject(
        new LecternError('conflict', `port ${port} on ${host} is taken by another program`, {
          cure: `Stop that program, or set ${variable} to another port (0 takes a free one).`,
        }),
      );
    });
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}
