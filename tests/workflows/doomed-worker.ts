/**
 * A GPU worker that transcribes one piece and then hangs in the next, heartbeating, until it is killed.
 * Arguments: Temporal's address, the folder of the stores.
 */
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { TASK_QUEUES } from '../../contracts/stages.ts';
import { createGpuActivities } from '../../worker/create-activities.ts';
import { openRealStores } from './real-stores.ts';
import { createScriptedModels, loadable } from './scripted-models.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });
const [address = '', folder = ''] = process.argv.slice(2);
const stores = await openRealStores(folder);
const models = createScriptedModels();
let pieces = 0;
const real = await models.transcriber.load();
const transcriber = loadable({
  ...real,
  transcribe: async (...[audio, options]: Parameters<typeof real.transcribe>) => {
    pieces += 1;
    if (pieces === 1) return real.transcribe(audio, options);
    process.stdout.write('stalling\n');
    return new Promise<never>(() => undefined);
  },
});
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  taskQueue: TASK_QUEUES.gpu,
  activities: createGpuActivities({ ...stores.deps(models), transcriber }),
  maxConcurrentActivityTaskExecutions: 1,
});
await worker.run();
