import { defaultPayloadConverter } from '@temporalio/common';
import {
  workflowInfo,
  type Headers,
  type Next,
  type WorkflowInboundCallsInterceptor,
  type WorkflowInterceptors,
  type WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { CORRELATION_HEADER, toRunIdentity, type Correlation } from '../contracts/correlation.ts';

/**
 * Hands on what the starter said of its request to activities, children and the run that continues this one, and puts it on every log
 * line. Headers are no commands: a history that was recorded without them replays.
 */
export function interceptors(): WorkflowInterceptors {
  let correlation: Correlation = {};
  const withHeader = <Input extends { headers: Headers }>(input: Input, told: Correlation): Input => ({
    ...input,
    headers: { ...input.headers, [CORRELATION_HEADER]: defaultPayloadConverter.toPayload(told) },
  });
  const inbound: WorkflowInboundCallsInterceptor = {
    async execute(input, next) {
      const header = input.headers[CORRELATION_HEADER];
      if (header !== undefined) correlation = defaultPayloadConverter.fromPayload<Correlation>(header);
      return next(input);
    },
  };
  const outbound: WorkflowOutboundCallsInterceptor = {
    scheduleActivity(input, next: Next<WorkflowOutboundCallsInterceptor, 'scheduleActivity'>) {
      return next(withHeader(input, { ...correlation, runStartedAtMs: workflowInfo().startTime.getTime() }));
    },
    startChildWorkflowExecution: (input, next) => next(withHeader(input, correlation)),
    continueAsNew: (input, next) => next(withHeader(input, correlation)),
    getLogAttributes(input, next) {
      const { workflowId, runId } = workflowInfo();
      const { requestId, traceId } = correlation;
      return next({ ...input, ...toRunIdentity(workflowId, runId), ...(requestId && { requestId }), ...(traceId && { traceId }) });
    },
  };
  return { inbound: [inbound], outbound: [outbound] };
}
