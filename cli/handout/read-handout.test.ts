import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HANDOUT_LIMITS, readHandout } from './read-handout.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-handout-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function fileWith(content: string | Uint8Array): Promise<string> {
  const path = join(folder, 'handout');
  await writeFile(path, content);
  return path;
}

/** A PDF with a line of text a page. */
function pdfOf(lines: readonly string[]): Buffer {
  const kids = lines.map((_, page) => `${4 + 2 * page} 0 R`).join(' ');
  const pages = lines.flatMap((line, page) => {
    const content = `BT /F1 12 Tf 72 720 Td (${line}) Tj ET`;
    return [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${5 + 2 * page} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
      `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    ];
  });
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${lines.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    ...pages,
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const xref = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join('')}`;
  return Buffer.from(`${body}${xref}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`, 'latin1');
}

/** On a busy machine a thread with a PDF library takes seconds to start. */
const timeout = 60_000;

describe('readHandout', { timeout }, () => {
  it('reads the pages of a PDF, as many as it may', async () => {
    const path = await fileWith(pdfOf(['Emmy Noether', 'Grothendieck', 'Syzygies']));
    expect((await readHandout(path)).split('\n').filter(Boolean)).toEqual(['Emmy Noether', 'Grothendieck', 'Syzygies']);
    expect(await readHandout(path, { ...HANDOUT_LIMITS, maxPages: 1 })).toBe('Emmy Noether');
  });

  it('reads text', async () => {
    expect(await readHandout(await fileWith('Größe\n'))).toBe('Größe\n');
    expect(await readHandout(await fileWith(''))).toBe('');
  });

  it.each([
    ['bytes', Buffer.from([0xff, 0xfe, 0x00, 0x41])],
    ['text with zeros', 'a\0b'],
    ['a PDF that ends early', pdfOf(['x']).subarray(0, 60)],
    ['a PDF in name only', '%PDF-1.7\nnothing follows'],
  ])('refuses %s', async (_, content) => {
    await expect(readHandout(await fileWith(content))).rejects.toMatchObject({ kind: 'invalid-input' });
  });

  it('refuses what is too large, no file, or takes too long', async () => {
    const path = await fileWith(pdfOf(['x']));
    await expect(readHandout(path, { ...HANDOUT_LIMITS, maxBytes: 10 })).rejects.toThrow(/over 10 bytes/);
    await expect(readHandout(folder)).rejects.toThrow(/not a file/);
    await expect(readHandout(join(folder, 'none'))).rejects.toThrow(/no such file/);
    await expect(readHandout(path, { ...HANDOUT_LIMITS, maxSeconds: 0 })).rejects.toThrow(/after 0 s/);
  });
});
