import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createTenantSettingsStore } from '../../storage/tenant-settings.ts';
import { createCpuActivities, createGpuActivities, type CpuDeps, type GpuDeps } from '../../worker/create-activities.ts';
import { createBagEmbedder } from '../retrieval/bag-embedder.ts';
import { loadable } from '../workflows/scripted-models.ts';

type StageStores = Pick<CpuDeps, 'objects' | 'index' | 'lectures' | 'artifacts'>;

/** What the stages after the transcript stand on, with an embedder that takes no time and tells what it was given. */
export function createEditDeps(
  stores: StageStores,
  onEmbed: (texts: readonly string[], signal: AbortSignal) => Promise<void>,
): CpuDeps & GpuDeps {
  const bag = createBagEmbedder();
  const embed: typeof bag.embed = async (texts, signal) => {
    // The activity always gives one.
    await onEmbed(texts, signal!);
    return bag.embed(texts, signal);
  };
  // The stages before the transcript do not run here, and have nothing to stand on.
  return {
    ...stores,
    settings: createTenantSettingsStore(stores.objects),
    contextualizer: null,
    contextBudget: { seconds: 60, tokens: 1_000 },
    tokenizer: async () => ({ name: 'words', count: (text: string) => text.split(' ').length }),
    embedder: loadable({ ...bag, embed }),
    sparseEncoder: loadable(bag),
  } as unknown as CpuDeps & GpuDeps;
}

type Stages = ReturnType<typeof createCpuActivities> & ReturnType<typeof createGpuActivities>;

/** The activities, each run as by a worker, without Temporal between them. */
export function openStages(deps: CpuDeps & GpuDeps): Stages {
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  const activities = { ...createCpuActivities(deps), ...createGpuActivities(deps) };
  const wrapped = Object.entries(activities).map(([name, activity]) => [name, (input: never) => environment.run(activity, input)]);
  return Object.fromEntries(wrapped) as Stages;
}
