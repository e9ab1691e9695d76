import type { TenantId } from '../contracts/identity.ts';
import type { ReindexActivities, SearchQuality } from '../contracts/reindex-workflow.ts';
import type { EvaluationQuestion } from '../contracts/reindex.ts';
import type { Searcher } from '../retrieval/search.ts';
import type { Preview, VectorIndex } from '../retrieval/vector-index.ts';
import type { EvaluationQuestionStore } from '../storage/evaluation-questions.ts';
import type { ReindexNotes } from '../storage/reindex-notes.ts';
import { toActivity, type ActivityRun } from './activity.ts';
import { MEASURED_PASSAGES, meanQuality, scorePassages } from './score-passages.ts';

export interface MeasureReindexDeps {
  index: VectorIndex;
  reindexNotes: ReindexNotes;
  evaluationQuestions: Pick<EvaluationQuestionStore, 'get'>;
  /** A search as questions of readers are searched, over the index with the preview's generations in their places. */
  openSearcher(preview: Preview): Promise<Searcher>;
}

/** Asks the tenant's questions of what readers see and of what they would see after the swap, one after the other at one time. */
export function createMeasureReindexActivity(deps: MeasureReindexDeps): ReindexActivities['measureReindex'] {
  return toActivity(async ({ tenantId, reindexId, semester }, run) => {
    const { questions } = await deps.evaluationQuestions.get(tenantId, semester);
    const answerable = questions.filter(({ ground_truth_contexts: contexts }) => contexts.length > 0);
    if (answerable.length === 0) return null;
    const preview = await previewOf(deps, tenantId, reindexId);
    const ask = async (searcher: Searcher, doneBefore: number): Promise<SearchQuality> => {
      const scores: SearchQuality[] = [];
      for (const question of answerable) {
        scores.push(await askOne(searcher, { tenantId, semester, question }, run));
        run.progress({ doneQuestions: doneBefore + scores.length, totalQuestions: 2 * answerable.length });
      }
      return meanQuality(scores);
    };
    const before = await ask(await deps.openSearcher({}), 0);
    const after = await ask(await deps.openSearcher(preview), answerable.length);
    return { questions: answerable.length, before, after };
  });
}

async function askOne(
  searcher: Searcher,
  { tenantId, semester, question }: { tenantId: TenantId; semester: string; question: EvaluationQuestion },
  { signal }: ActivityRun,
): Promise<SearchQuality> {
  signal.throwIfAborted();
  const request = { question: question.question, limit: MEASURED_PASSAGES, filters: { semesters: [semester] } };
  const { passages } = await searcher.search(tenantId, request, signal);
  return scorePassages(
    question.ground_truth_contexts,
    passages.map(({ hit }) => hit),
  );
}

/** What the swap would move now. */
async function previewOf({ index, reindexNotes }: MeasureReindexDeps, tenantId: TenantId, reindexId: string): Promise<Preview> {
  const served = new Map((await index.catalogue(tenantId)).map(({ lectureId, generation }) => [lectureId, generation]));
  const noted = await reindexNotes.noted(tenantId, reindexId);
  return Object.fromEntries(
    noted.filter(({ lectureId, from }) => served.get(lectureId) === from.generation).map(({ lectureId, to }) => [lectureId, to.generation]),
  );
}
