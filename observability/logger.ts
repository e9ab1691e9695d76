import { pino, type DestinationStream, type Logger } from 'pino';
import type { Config } from '../contracts/config.ts';
import { currentLogFields } from './log-context.ts';
import { serializeError } from './serialize-error.ts';

/** JSON lines on standard output, or into `destination`: each says its process and the request or activity that it belongs to. */
export function createLogger(level: Config['LECTERN_LOG'], process: string, destination?: DestinationStream): Logger {
  const options = { level, base: { process }, mixin: () => ({ ...currentLogFields() }), serializers: { err: serializeError } };
  return destination === undefined ? pino(options) : pino(options, destination);
}
