import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as toText } from 'node:stream/consumers';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import { LecternError } from '../../contracts/errors.ts';
import type { ApiClient } from '../api-client.ts';
import { createOutput } from '../output.ts';
import type { UploadBody } from '../upload-body.ts';
import { addIngestCommand } from './ingest.ts';

const lectureId = `lec_${'1'.repeat(24)}`;
const jobId = `${lectureId}.00000000-0000-0000-0000-000000000000`;

let folder: string;
let files: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-ingest-'));
  files = ['first.mp3', 'second.mp3'].map((name) => join(folder, name));
  for (const file of files) await writeFile(file, 'sound');
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs the command against an API that goes away after `taken` uploads. */
async function ingest(taken: number, flags: string[] = []): Promise<{ code: number; document: unknown; bodies: string[] }> {
  const bodies: string[] = [];
  const api = {
    listLectures: async () => ({ lectures: [], nextCursor: null }),
    ingest: async ({ body }: UploadBody) => {
      if (bodies.length >= taken) throw new LecternError('unavailable', 'the API cannot be reached');
      bodies.push(await toText(body));
      return { jobId, lectureId, duplicate: false };
    },
  } as unknown as ApiClient;
  let [code, stdout] = [-1, ''];
  const output = createOutput({ write: (text) => (stdout += text) }, { write: () => undefined }, { json: true, color: false });
  const { signal } = new AbortController();
  const context = { config: parseConfig({}), output, searchPath: undefined, signal, connect: async () => api };
  const program = new Command();
  addIngestCommand(program, async (_, action) => {
    code = await action(context);
  });
  await program.parseAsync(['node', 'lectern', 'ingest', ...files, ...flags]);
  return { code, document: JSON.parse(stdout), bodies };
}

it('tells what was taken before the API went away', async () => {
  const { code, document } = await ingest(1);
  expect({ code, document }).toEqual({
    code: 1,
    document: {
      results: [
        { file: files[0], jobId, lectureId, state: 'accepted', degraded: [] },
        {
          file: files[1],
          state: 'rejected',
          degraded: [],
          error: { kind: 'unavailable', stage: 'upload', message: 'the API cannot be reached' },
        },
      ],
    },
  });
});

it('fails as a whole where nothing was taken', async () => {
  await expect(ingest(0)).rejects.toMatchObject({ kind: 'unavailable' });
});

it('sends the vocabulary that was given and that of handouts, with every file', async () => {
  const handout = join(folder, 'handout.txt');
  await writeFile(handout, 'We follow Emmy Noether.');
  const { code, bodies } = await ingest(2, ['--vocabulary', 'syzygy, Hamming', '--vocabulary-from', handout]);
  expect(code).toBe(0);
  expect(bodies).toHaveLength(2);
  for (const body of bodies) expect(body).toMatch(/name="vocabulary"\r\n\r\nsyzygy\nHamming\nEmmy Noether\n/);
});
