import { createHash } from 'node:crypto';
import type { ModelCatalogue, ModelFile } from '../../inference/models/catalogue.ts';

export const REVISION = '0123456789abcdef0123456789abcdef01234567';

/** Where the hub of a test has a file. */
export function hubPath(name: string): string {
  return `/someone/a-model/resolve/${REVISION}/${name}`;
}

/** A catalogue of one model whose files the hub has, and of nothing else. */
export function makeCatalogue(files: Record<string, Buffer>, more: Partial<ModelCatalogue> = {}): ModelCatalogue {
  const entries = Object.entries(files).map(([name, body]) => toModelFile(name, body));
  const revision = entries[0]?.sha256.slice(0, 12) ?? '';
  const about = { description: 'a model of tests', licence: 'MIT', origin: 'tests' };
  return { wheels: {}, models: [{ name: 'a-model', ...about, revision, files: entries }], ...more };
}

function toModelFile(name: string, body: Buffer): ModelFile {
  const sha256 = createHash('sha256').update(body).digest('hex');
  return { name, bytes: body.length, sha256, sources: [{ kind: 'hub', repo: 'someone/a-model', revision: REVISION, path: name }] };
}
