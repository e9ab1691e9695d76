import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import { ERROR_KINDS, isRetryableKind } from '../contracts/errors.ts';
import type { CpuActivities, GpuActivities } from '../contracts/ingest.ts';
import { TASK_QUEUES } from '../contracts/stages.ts';

/** The input is at fault, not the moment: one attempt tells all. */
const nonRetryableErrorTypes = ERROR_KINDS.filter((kind) => !isRetryableKind(kind));

/** Workers heartbeat every 5 s; six missed ones are a dead process, and its work starts again elsewhere within half a minute. */
const heartbeatTimeout = '30 seconds';

/** A cancelled run waits until its activities have stopped: "cancelled" then means that nothing writes any more. */
const cancellationType = 'WAIT_CANCELLATION_COMPLETED';

/**
 * Work on a whole recording. Three hours of one attempt: a six-hour recording at twice real time, the slowest machine that is of
 * any use; a dead worker is found by its heartbeats, so this only ends what hangs. Eight attempts with waits of 2 s doubling to 60 s
 * last three minutes, longer than a restart of a store; more would let a file that kills its worker do so too often.
 */
const wholeRecording: ActivityOptions = {
  cancellationType,
  startToCloseTimeout: '3 hours',
  heartbeatTimeout,
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 8, nonRetryableErrorTypes },
};

/** A piece is five minutes of speech: thirty minutes are six times slower than speech. Attempts as for a whole recording. */
const piece: ActivityOptions = { ...wholeRecording, startToCloseTimeout: '30 minutes' };

/**
 * Seconds of arithmetic between reads and writes of the stores: five minutes end what hangs. When such a stage fails, a store is
 * away, and the recording's costly stages are done: 25 attempts of at most 30 s between them wait ten minutes for it.
 */
export const patient: ActivityOptions = {
  cancellationType,
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout,
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 25, nonRetryableErrorTypes },
};

/**
 * What a language model cannot give the stage itself makes do without, so its attempts are for stores that are away and workers that
 * die, as for a whole recording. Two hours: 600 chunks of a six-hour lecture at 12 s a sentence on a CPU.
 */
const optional: ActivityOptions = { ...wholeRecording, startToCloseTimeout: '2 hours' };

export const { prepare } = proxyActivities<Pick<CpuActivities, 'prepare'>>({ ...wholeRecording, taskQueue: TASK_QUEUES.cpu });

export const { detectSpeech, diarize } = proxyActivities<Pick<GpuActivities, 'detectSpeech' | 'diarize'>>({
  ...wholeRecording,
  taskQueue: TASK_QUEUES.gpu,
});

export const { transcribePiece, embed } = proxyActivities<Pick<GpuActivities, 'transcribePiece' | 'embed'>>({
  ...piece,
  taskQueue: TASK_QUEUES.gpu,
});

export const { joinTranscription, align, chunk, index, recordOutcome, discardGeneration } = proxyActivities<
  Omit<CpuActivities, 'prepare' | 'contextualize'>
>({ ...patient, taskQueue: TASK_QUEUES.cpu });

export const { contextualize } = proxyActivities<Pick<CpuActivities, 'contextualize'>>({ ...optional, taskQueue: TASK_QUEUES.cpu });
