import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseConfig } from '../../contracts/config.ts';
import { TASK_QUEUES } from '../../contracts/stages.ts';
import { openFilesystemObjectStore } from '../../storage/filesystem-object-store.ts';
import { startIngestRunner, type IngestRunner } from '../../tests/workflows/ingest-runner.ts';
import { openRealStores, type RealStores } from '../../tests/workflows/real-stores.ts';
import { createScriptedModels } from '../../tests/workflows/scripted-models.ts';
import { makeWav } from '../../tests/workflows/wav.ts';
import { createCpuActivities, createGpuActivities } from '../../worker/create-activities.ts';
import { openDataConverter } from '../../worker/encryption/data-converter.ts';
import { compareCosts, type Comparison, type Cost } from './compare-costs.ts';
import { encryptedStore } from './encrypted-store.ts';

const AUDIO_SECONDS = 600;

export interface IngestCost extends Comparison {
  audioSeconds: number;
  ingests: number;
}

interface Stack {
  runner: IngestRunner;
  stores: RealStores;
  stop(): Promise<void>;
}

/** Ingests of ten minutes through Temporal, ffmpeg, the folder and the index, with models from a script; plain and encrypted in turns. */
export async function measureIngests(folder: string, ingests: number): Promise<IngestCost> {
  const stacks = { plain: await startStack(join(folder, 'plain'), false), encrypted: await startStack(join(folder, 'encrypted'), true) };
  const costs = { plain: [] as Cost[], encrypted: [] as Cost[] };
  try {
    for (let turn = 0; turn <= ingests; turn += 1) {
      for (const kind of turn % 2 === 0 ? (['plain', 'encrypted'] as const) : (['encrypted', 'plain'] as const)) {
        const cost = await ingest(stacks[kind], turn);
        // The first one warms up.
        if (turn > 0) costs[kind].push(cost);
      }
    }
    return { audioSeconds: AUDIO_SECONDS, ingests, ...compareCosts(costs) };
  } finally {
    await Promise.all(Object.values(stacks).map((stack) => stack.stop()));
  }
}

async function startStack(folder: string, isEncrypted: boolean): Promise<Stack> {
  const master = randomBytes(32);
  const stores = await openRealStores(folder, async (root) => {
    const objects = await openFilesystemObjectStore(root);
    return isEncrypted ? encryptedStore(objects, [master]) : objects;
  });
  const config = parseConfig(isEncrypted ? { LECTERN_MASTER_KEY: master.toString('base64') } : {});
  const dataConverter = await openDataConverter(config, stores.objects);
  const runner = await startIngestRunner({ dbFile: join(folder, 'temporal.db'), ...(dataConverter && { dataConverter }) });
  const deps = stores.deps(createScriptedModels());
  const stops = await Promise.all([
    runner.startWorker(TASK_QUEUES.cpu, createCpuActivities(deps)),
    runner.startWorker(TASK_QUEUES.gpu, createGpuActivities(deps)),
  ]);
  return {
    runner,
    stores,
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
      await runner.close();
      await stores.close();
    },
  };
}

async function ingest({ runner, stores }: Stack, turn: number): Promise<Cost> {
  const recording = makeWav(AUDIO_SECONDS, 200 + turn);
  const [cpu, started] = [process.cpuUsage(), performance.now()];
  const input = await stores.upload(recording);
  await (await runner.start(input)).result();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 };
}
