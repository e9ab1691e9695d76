import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { CORRELATION_HEADER, type Correlation } from '../contracts/correlation.ts';
import { currentLogFields } from './log-context.ts';

/** Tells each workflow that a request starts which request it was: the other end is `workflows/correlate.ts`. */
export const correlateStarts: WorkflowClientInterceptor = {
  startWithDetails: (input, next) => next({ ...input, headers: withCorrelation(input.headers) }),
  signalWithStart: (input, next) => next({ ...input, headers: withCorrelation(input.headers) }),
  startUpdateWithStart: (input, next) => next({ ...input, workflowStartHeaders: withCorrelation(input.workflowStartHeaders) }),
};

function withCorrelation(headers: Headers): Headers {
  const { requestId, traceId } = currentLogFields();
  if (requestId === undefined || traceId === undefined) return headers;
  const correlation: Correlation = { requestId: String(requestId), traceId: String(traceId) };
  return { ...headers, [CORRELATION_HEADER]: defaultPayloadConverter.toPayload(correlation) };
}
