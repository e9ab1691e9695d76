import { join } from 'node:path';
import type { Config } from '../../contracts/config.ts';
import { LecternError, toLecternError } from '../../contracts/errors.ts';
import type { SupervisedProcess } from './supervised-process.ts';
import { findTemporalBinary } from './temporal-binary.ts';
import { checkNamespace, startTemporalServer } from './temporal-server.ts';
import { timedStep } from './timed-step.ts';

export interface ProvidedTemporal {
  address: string;
  uiUrl: string | null;
  /** Absent where the server is not ours. */
  process?: SupervisedProcess;
}

/**
 * The Temporal that `TEMPORAL_ADDRESS` names, else one of our own with its database below `LECTERN_DATA`, whose UI decrypts at
 * `uiCodecEndpoint`.
 */
export async function provideTemporal(config: Config, report: (line: string) => void, uiCodecEndpoint?: string): Promise<ProvidedTemporal> {
  const { TEMPORAL_ADDRESS: given, TEMPORAL_NAMESPACE: namespace, LECTERN_DATA: dataDir } = config;
  if (given !== undefined) {
    await timedStep(report, `Temporal server: asking ${given}`, () => checkGiven(given, namespace));
    return { address: given, uiUrl: null };
  }
  const binary = await findTemporalBinary({
    cacheDir: config.LECTERN_CACHE,
    offline: config.LECTERN_OFFLINE,
    searchPath: process.env['PATH'],
    report,
  });
  const server = await timedStep(report, `Temporal server ${binary.serverVersion} (${binary.path}): starting`, () =>
    startTemporalServer({
      binary: binary.path,
      dbFile: join(dataDir, 'temporal', 'temporal.db'),
      logFile: join(dataDir, 'logs', 'temporal.log'),
      namespace,
      port: config.LECTERN_TEMPORAL_PORT,
      uiPort: config.LECTERN_TEMPORAL_UI_PORT,
      ...(uiCodecEndpoint === undefined ? {} : { uiCodecEndpoint }),
    }),
  );
  return { address: server.address, uiUrl: server.uiUrl, process: server.process };
}

async function checkGiven(address: string, namespace: string): Promise<void> {
  try {
    await checkNamespace(address, namespace);
  } catch (error) {
    throw new LecternError(
      'unavailable',
      `no Temporal server serves namespace "${namespace}" at ${address}: ${toLecternError(error).message}`,
      {
        cure: 'Start it, or unset TEMPORAL_ADDRESS to have an embedded one started.',
        cause: error,
      },
    );
  }
}
