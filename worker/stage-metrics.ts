import { ERROR_KINDS, type ErrorKind } from '../contracts/errors.ts';
import type { IngestOutcome } from '../contracts/ingest.ts';
import type { MetricSource } from '../contracts/metrics.ts';
import { createCounter } from '../observability/counter.ts';
import { createHistogram } from '../observability/histogram.ts';
import type { StageAccount } from '../observability/stage-account.ts';

/** Upper bounds in seconds: from a stage whose artifact is there to one that listens to six hours. */
const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 10_800];
/** Of a recording's length. */
const RATIOS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 5, 10];

export interface StageEnd {
  stage: string;
  attempt: number;
  outcome: 'computed' | 'reused' | 'cancelled' | ErrorKind;
  seconds: number;
  /** From when this attempt was scheduled to its start. */
  waitSeconds: number;
  account: StageAccount;
}

export interface StageMetrics {
  countStage(end: StageEnd): void;
  /** `seconds` since the run began, where that is known. */
  countIngest(outcome: IngestOutcome, seconds: number | undefined): void;
  readonly metrics: MetricSource;
}

const stageNumbers = () => ({
  durations: createHistogram({
    name: 'lectern_stage_duration_seconds',
    help: 'Time of an attempt of a stage, by how it ended: computed, reused (its artifact was there), cancelled or failed.',
    buckets: SECONDS,
  }),
  waits: createHistogram({
    name: 'lectern_stage_queue_wait_seconds',
    help: 'Time that an attempt of a stage lay in its queue.',
    buckets: SECONDS,
  }),
  factors: createHistogram({
    name: 'lectern_stage_real_time_factor_ratio',
    help: 'Time of a computed stage divided by the length of the recording that it went through.',
    buckets: RATIOS,
  }),
  audio: createCounter({ name: 'lectern_stage_audio_seconds_total', help: 'Seconds of recordings that computed stages went through.' }),
  bytes: createCounter({ name: 'lectern_stage_bytes_total', help: 'Bytes that stages read from the object store and wrote to it.' }),
  attempts: createCounter({ name: 'lectern_stage_attempts_total', help: 'Attempts of stages that ended; again: after one that failed.' }),
  failures: createCounter({ name: 'lectern_stage_failures_total', help: 'Attempts of stages that failed, by kind of error.' }),
});

const ingestNumbers = () => ({
  ended: createCounter({
    name: 'lectern_ingests_ended_total',
    help: 'Ingests that ended, by how: ready, cancelled, or failed with the kind of its error.',
  }),
  ratios: createHistogram({
    name: 'lectern_ingest_duration_ratio',
    help: 'Time from the start of an ingest to its end, divided by the length of the recording; of those that became ready.',
    buckets: RATIOS,
  }),
});

/** Numbers of the stages that this process runs, of all tenants together. */
export function createStageMetrics(): StageMetrics {
  const stages = stageNumbers();
  const ingests = ingestNumbers();
  // Told from the start: what appears with its first failure would never be seen to grow.
  for (const kind of ERROR_KINDS) ingests.ended.add({ outcome: 'failed', kind }, 0);
  return {
    countStage({ stage, attempt, outcome, seconds, waitSeconds, account }) {
      const isEnd = outcome === 'computed' || outcome === 'reused' || outcome === 'cancelled';
      stages.durations.observe({ stage, outcome: isEnd ? outcome : 'failed' }, seconds);
      stages.waits.observe({ stage }, waitSeconds);
      stages.attempts.add({ stage, attempt: attempt === 1 ? 'first' : 'again' });
      if (!isEnd) stages.failures.add({ stage, kind: outcome });
      if (account.readBytes > 0) stages.bytes.add({ stage, direction: 'read' }, account.readBytes);
      if (account.writtenBytes > 0) stages.bytes.add({ stage, direction: 'written' }, account.writtenBytes);
      if (outcome === 'computed' && account.audioSeconds > 0) {
        stages.audio.add({ stage }, account.audioSeconds);
        stages.factors.observe({ stage }, seconds / account.audioSeconds);
      }
    },
    countIngest(outcome, seconds) {
      ingests.ended.add({ outcome: outcome.state, kind: outcome.state === 'failed' ? outcome.kind : 'none' });
      if (outcome.state === 'ready' && seconds !== undefined) ingests.ratios.observe({}, seconds / outcome.durationSeconds);
    },
    metrics: () => [...Object.values(stages), ...Object.values(ingests)].flatMap((number) => number.metrics()),
  };
}
