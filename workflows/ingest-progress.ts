import { isCancellation, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { IngestProgress, StageProgress } from '../contracts/ingest.ts';
import type { Degradation } from '../contracts/lecture.ts';
import { STAGES, type Stage } from '../contracts/stages.ts';
import type { Span } from '../contracts/transcript.ts';

/** Where a run is: kept for the query, the Temporal UI and the search attribute at once. */
export interface ProgressOfIngest {
  /** Runs a stage and keeps its state; the first stage that fails is remembered as the one that failed the run. */
  run<T extends { reused: boolean }>(stage: Stage, work: () => Promise<T>): Promise<T>;
  /** The pieces of `transcribe`, none of them finished. */
  openPieces(pieces: readonly Span[]): void;
  finishPiece(piece: Span): void;
  /** The lecture goes on without what this stage would have given. */
  degrade(stage: Stage, reason: string): void;
  /** Says in the search attribute where the run is or ended. */
  mark(stage: string): void;
  failedStage(): Stage;
  snapshot(): IngestProgress;
}

export function createIngestProgress(): ProgressOfIngest {
  const stages: StageProgress[] = STAGES.map((stage) => ({ stage, state: 'waiting' }));
  const degraded: Degradation[] = [];
  let failed: Stage | undefined;
  let pieces: readonly Span[] = [];
  let open: readonly Span[] = [];

  const change = (stage: Stage, to: Partial<StageProgress>) => {
    Object.assign(stageOf(stages, stage), to);
    setCurrentDetails(toMarkdown(stages, degraded));
  };
  const showPieces = (left: readonly Span[]) => {
    const totalSeconds = secondsOf(pieces);
    const doneSeconds = Math.max(0, totalSeconds - secondsOf(left));
    change('transcribe', { done: pieces.length - left.length, total: pieces.length, doneSeconds, totalSeconds });
  };
  const mark = (value: string) => upsertSearchAttributes([{ key: { name: 'LecternStage', type: 'KEYWORD' }, value }]);

  return {
    async run(stage, work) {
      // The starter has set `prepare`: an event less in every history.
      if (stage !== 'prepare') mark(stage);
      change(stage, { state: 'running' });
      try {
        const result = await work();
        change(stage, { state: result.reused ? 'reused' : 'done' });
        return result;
      } catch (error) {
        if (!isCancellation(error)) failed ??= stage;
        change(stage, { state: 'failed' });
        throw error;
      }
    },
    openPieces(all) {
      pieces = all;
      showPieces((open = all));
    },
    finishPiece: (piece) => showPieces((open = open.filter((other) => other !== piece))),
    degrade(stage, reason) {
      if (failed === stage) failed = undefined;
      // A stage that runs again, after an edit, has no second reason.
      if (!degraded.some((known) => known.stage === stage && known.reason === reason)) degraded.push({ stage, reason });
      change(stage, { state: 'degraded' });
    },
    mark,
    failedStage: () => failed ?? stages.find(({ state }) => state === 'running')?.stage ?? 'index',
    snapshot: () => ({ stages: stages.map((stage) => ({ ...stage })), degraded: [...degraded], openPieces: [...open] }),
  };
}

function stageOf(stages: StageProgress[], stage: Stage): StageProgress {
  const found = stages.find((candidate) => candidate.stage === stage);
  if (found === undefined) throw new Error(`no stage is called ${stage}`);
  return found;
}

function secondsOf(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + span.endSeconds - span.startSeconds, 0);
}

/** Shown as "current details" in the Temporal UI. */
function toMarkdown(stages: readonly StageProgress[], degraded: readonly Degradation[]): string {
  const rows = stages.map(({ stage, state, done, total }) => `| ${stage} | ${state} | ${total === undefined ? '' : `${done}/${total}`} |`);
  const notes = degraded.map(({ stage, reason }) => `- without ${stage}: ${reason}`);
  return ['| stage | state | units |', '|---|---|---|', ...rows, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}
