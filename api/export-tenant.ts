import { createHash } from 'node:crypto';
import { isKind } from '../contracts/errors.ts';
import type { TenantId } from '../contracts/identity.ts';
import type { Lecture } from '../contracts/lecture.ts';
import type { ApiDeps } from './dependencies.ts';
import type { TarEntry } from './tar.ts';

type ExportDeps = Pick<ApiDeps, 'objects' | 'lectures' | 'settings' | 'voiceprints'>;

export interface ExportOptions {
  /** Recordings as they were uploaded. */
  originals: boolean;
  /** Biometric data. */
  voiceprints: boolean;
}

interface ManifestEntry {
  path: string;
  bytes: number;
  sha256: string;
}

/**
 * What a tenant takes along: settings, lectures, transcripts as JSON, and what else is asked for. The last entry is `manifest.json`
 * with the size and SHA-256 of every other: an archive without it is not whole.
 */
export async function* exportTenant(deps: ExportDeps, tenantId: TenantId, options: ExportOptions): AsyncGenerator<TarEntry> {
  const files: ManifestEntry[] = [];
  for await (const { path, bytes, body } of listEntries(deps, tenantId, options)) {
    const hash = createHash('sha256');
    yield { path, bytes, body: hashed(body, hash) };
    // The next entry is asked for when this one has been read.
    files.push({ path, bytes, sha256: hash.digest('hex') });
  }
  yield toJsonEntry('manifest.json', { tenantId, exportedAt: new Date().toISOString(), files });
}

async function* listEntries(deps: ExportDeps, tenantId: TenantId, options: ExportOptions): AsyncGenerator<TarEntry> {
  yield toJsonEntry('settings.json', await deps.settings.get(tenantId));
  if (options.voiceprints) yield toJsonEntry('voiceprints.json', await deps.voiceprints.list(tenantId));
  for await (const lecture of deps.lectures.list(tenantId)) yield* listLecture(deps.objects, lecture, options);
}

async function* listLecture(objects: ApiDeps['objects'], lecture: Lecture, options: ExportOptions): AsyncGenerator<TarEntry> {
  const folder = `lectures/${lecture.lectureId}`;
  yield toJsonEntry(`${folder}/lecture.json`, lecture);
  const { transcript } = lecture.artifacts;
  if (transcript !== undefined) {
    const body = await unlessGone(objects.get(transcript).then((found) => found.body));
    if (body !== undefined) yield { path: `${folder}/transcript.json`, bytes: body.length, body: [body] };
  }
  if (!options.originals) return;
  const original = await unlessGone(objects.stream(lecture.media.key));
  if (original !== undefined) yield { path: `${folder}/original`, bytes: lecture.media.bytes, body: original };
}

function toJsonEntry(path: string, value: unknown): TarEntry {
  const body = Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
  return { path, bytes: body.length, body: [body] };
}

async function* hashed(body: TarEntry['body'], hash: { update(chunk: Uint8Array): unknown }): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    hash.update(chunk);
    yield chunk;
  }
}

/** A lecture may be deleted while its tenant is exported. */
async function unlessGone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isKind(error, 'not-found')) return undefined;
    throw error;
  }
}
