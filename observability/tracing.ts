import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import {
  makeWorkflowExporter,
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
} from '@temporalio/interceptors-opentelemetry';
import type { ActivityInterceptorsFactory, WorkerOptions } from '@temporalio/worker';
import { createContextManager } from './async-context.ts';

/** Spans of a process on their way to a collector. */
export interface Tracing {
  client: WorkflowClientInterceptor;
  activities: ActivityInterceptorsFactory;
  /** Takes spans out of the workflow sandbox, whose bundle must hold the interceptors that make them. */
  sinks: NonNullable<WorkerOptions['sinks']>;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** Sends spans as OTLP over HTTP to `<endpoint>/v1/traces`; a collector that is away costs nothing but the spans. */
export function startTracing(endpoint: string, process: string): Tracing {
  const resource = new Resource({ 'service.name': `lectern-${process}` });
  const processor = new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` }));
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  provider.register({ contextManager: createContextManager() });
  return {
    client: new OpenTelemetryWorkflowClientInterceptor(),
    activities: (context) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(context) }),
    sinks: { exporter: makeWorkflowExporter(processor, resource) },
    close: () => provider.shutdown(),
  };
}
