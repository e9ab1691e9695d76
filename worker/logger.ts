import type { Level, Logger } from 'pino';
import { DefaultLogger, Runtime, type LogLevel, type Logger as TemporalLogger } from '@temporalio/worker';
import type { Config } from '../contracts/config.ts';
import { createLogger as createJsonLogger } from '../observability/logger.ts';

export type WorkerLogger = Logger;

const PINO_LEVELS: Record<LogLevel, Level> = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' };

export function createLogger(config: Config, process: string): WorkerLogger {
  return createJsonLogger(config.LECTERN_LOG, process);
}

/**
 * Makes Temporal's own log lines, native ones and those of workflows included, lines of ours, and has its numbers served at
 * `metricsAddress` (`host:port`) where one is given. Once a process, before the first connection.
 */
export function installTemporalRuntime(logger: WorkerLogger, metricsAddress?: string): void {
  const temporal: TemporalLogger = new DefaultLogger('INFO', ({ level, message, meta }) => {
    // `err` is the name under which an error's message and stack are written; the token is as long as a line, and tells nobody anything.
    const { error, taskToken: _, ...rest } = meta ?? {};
    logger[PINO_LEVELS[level]](error === undefined ? rest : { ...rest, err: error as unknown }, message);
  });
  Runtime.install({
    logger: temporal,
    telemetryOptions: {
      logging: { forward: {}, filter: { core: 'WARN', other: 'WARN' } },
      ...(metricsAddress === undefined ? {} : { metrics: { prometheus: toPrometheus(metricsAddress) } }),
    },
    // The entry points stop the workers themselves, models and stores after them.
    shutdownSignals: [],
  });
}

/** Named as Prometheus wants it: seconds, units and `_total` in the names. */
function toPrometheus(bindAddress: string) {
  return { bindAddress, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };
}
