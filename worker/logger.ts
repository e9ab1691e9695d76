import pino from 'pino';
import { DefaultLogger, Runtime, type LogLevel, type Logger as TemporalLogger } from '@temporalio/worker';
import type { Config } from '../contracts/config.ts';

export type WorkerLogger = pino.Logger;

const PINO_LEVELS: Record<LogLevel, pino.Level> = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' };

export function createLogger(config: Config, process: string): WorkerLogger {
  return pino({ level: config.LECTERN_LOG, base: { process } });
}

/** Makes Temporal's own log lines, native ones included, lines of ours. Once a process, before the first connection. */
export function installTemporalRuntime(logger: WorkerLogger): void {
  const temporal: TemporalLogger = new DefaultLogger('INFO', ({ level, message, meta }) => {
    // `err` is the name under which pino writes an error's message and stack.
    const { error, ...rest } = meta ?? {};
    logger[PINO_LEVELS[level]](error === undefined ? rest : { ...rest, err: error as unknown }, message);
  });
  Runtime.install({
    logger: temporal,
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'WARN' } } },
    // The entry points stop the workers themselves, models and stores after them.
    shutdownSignals: [],
  });
}
