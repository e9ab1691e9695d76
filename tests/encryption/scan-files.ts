import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Which of `words` stand anywhere in the files below `folder`, byte by byte, in their names too; as UTF-8 or UTF-16. */
export async function scanFiles(folder: string, words: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    for (const word of words) {
      if (path.includes(word) || bytes.includes(word) || bytes.includes(Buffer.from(word, 'utf16le'))) found.add(word);
    }
  }
  return [...found];
}
