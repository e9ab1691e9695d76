import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseBoundary, parseMultipart } from '../api/multipart.ts';
import { openUploadBody } from './upload-body.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-upload-body-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('writes what the API reads, file names with quotes and all', async () => {
  const path = join(folder, 'a "b"\r\nc.mp3');
  const content = Buffer.from('\r\n--lectern-\r\n'.repeat(50_000));
  await writeFile(path, content);
  const progress: number[] = [];
  const { contentType, bytes, body } = await openUploadBody(path, { title: 'Ä & "Ö"', course: undefined }, (done) => progress.push(done));
  const parts: { name: string; fileName: string | undefined; text: Buffer }[] = [];
  for await (const part of parseMultipart(body, parseBoundary(contentType), { maxParts: 3, maxHeaderBytes: 4096 })) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of part.body) chunks.push(chunk);
    parts.push({ name: part.name, fileName: part.fileName, text: Buffer.concat(chunks) });
  }
  expect(parts).toEqual([
    { name: 'title', fileName: undefined, text: Buffer.from('Ä & "Ö"') },
    { name: 'file', fileName: 'a "b"\r\nc.mp3', text: content },
  ]);
  expect([bytes, progress.at(-1)]).toEqual([content.length, content.length]);
});

it.each([
  ['nowhere.mp3', /there is no such file/],
  ['.', /not a file/],
])('refuses %s', async (name, message) => {
  await expect(openUploadBody(join(folder, name), {}, () => undefined)).rejects.toThrow(message);
});
