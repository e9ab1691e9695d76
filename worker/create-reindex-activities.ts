import { createMeasureReindexActivity, type MeasureReindexDeps } from '../activities/measure-reindex.ts';
import { createListPlannedActivity, createPlanReindexActivity } from '../activities/plan-reindex.ts';
import { createOpenLectureActivity, createStageLectureActivity } from '../activities/stage-lecture.ts';
import { createCloseReindexActivity, createRollBackReindexActivity, createSwapReindexActivity } from '../activities/swap-reindex.ts';
import type { ReindexActivities } from '../contracts/reindex-workflow.ts';
import { previewIndex } from '../retrieval/preview-index.ts';
import { createSearcher } from '../retrieval/search.ts';
import { createEvaluationQuestionStore } from '../storage/evaluation-questions.ts';
import { createReindexNotes } from '../storage/reindex-notes.ts';
import type { CpuDeps, GpuDeps } from './create-activities.ts';

type ReindexDeps = CpuDeps & Pick<GpuDeps, 'embedder' | 'sparseEncoder'>;

export function createReindexActivities(resources: ReindexDeps): ReindexActivities {
  const { lectures, index, objects, artifacts, embedder, sparseEncoder } = resources;
  const openSearcher: MeasureReindexDeps['openSearcher'] = async (preview) =>
    createSearcher({ index: previewIndex(index, preview), embedder: await embedder.load(), sparseEncoder: await sparseEncoder.load() });
  const reindexNotes = createReindexNotes(objects);
  const deps = { lectures, index, artifacts, reindexNotes, openSearcher, evaluationQuestions: createEvaluationQuestionStore(objects) };
  return {
    planReindex: createPlanReindexActivity(deps),
    listPlanned: createListPlannedActivity(deps),
    openLecture: createOpenLectureActivity(deps),
    stageLecture: createStageLectureActivity(deps),
    measureReindex: createMeasureReindexActivity(deps),
    swapReindex: createSwapReindexActivity(deps),
    rollBackReindex: createRollBackReindexActivity(deps),
    closeReindex: createCloseReindexActivity(deps),
  };
}
