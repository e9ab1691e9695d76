import type { ReindexOptions, ReindexProgress } from '../contracts/reindex-workflow.ts';

/** Why a person must look before the swap, for that person; `null` where nothing speaks against it. */
export function findReasonToHold(
  { evaluation, failed, lectures }: Pick<ReindexProgress, 'evaluation' | 'failed' | 'lectures'>,
  { hold, margin }: Pick<ReindexOptions, 'hold' | 'margin'>,
): string | null {
  if (failed > 0) return `${failed} of ${lectures} lectures failed; a swap leaves them as they were`;
  if (hold === 'always') return 'every re-index of this schedule is held';
  if (evaluation === null) return hold === 'unmeasured' ? 'there are no questions for this semester to measure it by' : null;
  const { before, after } = evaluation;
  const falls = [
    { name: 'nDCG@10', was: before.ndcg10, is: after.ndcg10 },
    { name: 'the hit rate', was: before.hitRate, is: after.hitRate },
  ].filter(({ was, is }) => was - is > margin);
  if (falls.length === 0) return null;
  return falls.map(({ name, was, is }) => `${name} fell from ${was.toFixed(3)} to ${is.toFixed(3)}`).join(', ');
}
