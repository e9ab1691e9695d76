import { allHandlersFinished, condition, defineUpdate, setHandler } from '@temporalio/workflow';
import { ROLL_BACK_UPDATE, type MovedLectures, type WayBackInput, type WayBackResult } from '../contracts/reindex-workflow.ts';
import { followBuilds } from './follow-builds.ts';
import { closeReindex, rollBackReindex } from './reindex-policies.ts';

const rollBackUpdate = defineUpdate<MovedLectures>(ROLL_BACK_UPDATE);

followBuilds(keepWayBack);

/** Keeps the generations from before a swap for a while: until then one update brings them back; then they go. */
export async function keepWayBack({ seconds, ...context }: WayBackInput): Promise<WayBackResult> {
  let rolledBack: MovedLectures | null = null;
  setHandler(rollBackUpdate, async () => {
    rolledBack = await rollBackReindex(context);
    return rolledBack;
  });
  await condition(() => rolledBack !== null, seconds * 1000);
  await condition(allHandlersFinished);
  await closeReindex({ ...context, drop: rolledBack === null ? 'former' : 'staged' });
  return { rolledBack };
}
