import { timedStep } from '../../cli/embedded/timed-step.ts';
import { findTemporalBinary } from '../../cli/embedded/temporal-binary.ts';
import { parseConfig } from '../../contracts/config.ts';
import { formatBytes } from '../../inference/models/model-source.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import { findFfmpeg } from '../../media/find-ffmpeg.ts';
import { findMinioBinary } from './minio-server.ts';
import { ensureQdrantEdge } from './qdrant-edge.ts';
import { ensureSmallLanguageModel } from './small-language-model.ts';

/** Fetches or builds, once a machine, what the tests run against; each step says what it does, with sizes and times. */
export async function prepareTestMachine(environment: NodeJS.ProcessEnv, report: (line: string) => void): Promise<void> {
  const config = parseConfig(environment);
  const store = await openModelStore({ ...toModelStoreOptions(config), onNotice: report });
  const lastReports = new Map<string, number>();
  const models = await timedStep(report, 'models: fetching what is missing, verifying all', () =>
    store.pull([], ({ file, doneBytes, totalBytes }) => {
      // A line for each tenth of a file keeps a log readable.
      const tenth = totalBytes === 0 ? 10 : Math.floor((10 * doneBytes) / totalBytes);
      if (lastReports.get(file) === tenth) return;
      lastReports.set(file, tenth);
      report(`  ${file}: ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`);
    }),
  );
  report(`models: ${models.join(', ')}`);
  const small = await timedStep(report, 'small language model', () => ensureSmallLanguageModel(report));
  // Its tests are skipped where it cannot be had: nothing else stands on it.
  report(typeof small === 'string' ? small : `small language model: ${small.modelPath}, node-llama-cpp in ${small.libraryFolder}`);
  const ffmpeg = await findFfmpeg({ bundled: async () => (await store.ensure('ffmpeg')).path('ffmpeg') });
  report(`ffmpeg: ${ffmpeg.path}, version ${ffmpeg.version} (${ffmpeg.source})`);
  const temporal = await findTemporalBinary({
    cacheDir: config.LECTERN_CACHE,
    offline: config.LECTERN_OFFLINE,
    searchPath: environment['PATH'],
    report,
  });
  report(`Temporal: ${temporal.path}, server ${temporal.serverVersion}`);
  report(
    config.MINIO_URL === undefined ? `MinIO: ${await findMinioBinary(config.LECTERN_CACHE, report)}` : `MinIO: at ${config.MINIO_URL}`,
  );
  report(
    config.QDRANT_URL === undefined ? `Qdrant: ${await ensureQdrantEdge(config.LECTERN_CACHE, report)}` : `Qdrant: at ${config.QDRANT_URL}`,
  );
}
