import type { Config } from '../contracts/config.ts';
import type { Tracing } from './tracing.ts';

/** Starts tracing where the configuration names a collector; without one nothing of OpenTelemetry's SDK is even loaded. */
export async function openTracing(config: Pick<Config, 'OTEL_EXPORTER_OTLP_ENDPOINT'>, process: string): Promise<Tracing | undefined> {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return undefined;
  const { startTracing } = await import('./tracing.ts');
  return startTracing(endpoint, process);
}
