import { createHash } from 'node:crypto';
import { IngestFieldsSchema, type IngestFields } from '../contracts/api.ts';
import { LecternError } from '../contracts/errors.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { describeIssues } from './validation.ts';
import { parseBoundary, parseMultipart, type MultipartPart } from './multipart.ts';

/** A complete upload that lies at a temporary key. */
export interface Upload {
  key: string;
  sha256: string;
  bytes: number;
  /** What the client calls the file: for people to read, never a path or a key. */
  fileName: string | undefined;
  fields: IngestFields;
}

const FIELD_NAMES = new Set(Object.keys(IngestFieldsSchema.shape));
const LIMITS = { maxParts: FIELD_NAMES.size + 1, maxHeaderBytes: 8 * 1024 };
/** Of the longest one, a vocabulary. */
const MAX_FIELD_BYTES = 32 * 1024;
/** Room for boundaries, headers and fields when a declared length is checked against the limit of the file. */
const MAX_ENVELOPE_BYTES = 1 << 20;

export interface ReceiveOptions {
  /** Where the file is written to; nothing lies there after an error. */
  temporaryKey: string;
  maxBytes: number;
  /** Codes that may be given. */
  languages: readonly string[];
}

/** Streams a multipart body into the object store, hashing on the way. Errors: `invalid-input`, and those of the store. */
export async function receiveUpload(request: Request, objects: ObjectStore, options: ReceiveOptions): Promise<Upload> {
  const boundary = parseBoundary(request.headers.get('content-type') ?? undefined);
  if (Number(request.headers.get('content-length') ?? 0) > options.maxBytes + MAX_ENVELOPE_BYTES) throw tooLarge(options.maxBytes);
  const texts: Record<string, string> = {};
  let file: Pick<Upload, 'sha256' | 'bytes' | 'fileName'> | undefined;
  try {
    for await (const part of parseMultipart(request.body ?? emptyBody(), boundary, LIMITS)) {
      if (part.name === 'file') {
        if (file !== undefined) throw new LecternError('invalid-input', 'more than one file', { cure: 'Send one recording a request.' });
        file = { ...(await storeFile(part, objects, options)), fileName: part.fileName };
      } else {
        if (part.name in texts) throw new LecternError('invalid-input', `field ${part.name} twice`);
        texts[part.name] = await readField(part);
      }
    }
    const fields = checkFields(texts, options.languages);
    if (file === undefined)
      throw new LecternError('invalid-input', 'there is no part named file', { cure: 'Send the recording as the part `file`.' });
    if (file.bytes === 0) throw new LecternError('invalid-input', 'the file is empty', { cure: 'Choose a recording with content.' });
    return { key: options.temporaryKey, ...file, fields };
  } catch (error) {
    if (file !== undefined) await objects.delete(options.temporaryKey);
    throw error;
  }
}

async function storeFile(part: MultipartPart, objects: ObjectStore, options: ReceiveOptions): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of part.body) {
      bytes += chunk.length;
      if (bytes > options.maxBytes) throw tooLarge(options.maxBytes);
      hash.update(chunk);
      yield chunk;
    }
  }
  await objects.put(options.temporaryKey, counted());
  return { sha256: hash.digest('hex'), bytes };
}

async function readField(part: MultipartPart): Promise<string> {
  if (!FIELD_NAMES.has(part.name)) {
    throw new LecternError('invalid-input', `there is no field ${JSON.stringify(part.name.slice(0, 40))}`, {
      cure: `Fields are file, ${[...FIELD_NAMES].join(', ')}.`,
    });
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of part.body) {
    bytes += chunk.length;
    if (bytes > MAX_FIELD_BYTES) throw new LecternError('invalid-input', `field ${part.name} is over ${MAX_FIELD_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function checkFields(texts: Record<string, string>, languages: readonly string[]): IngestFields {
  // An empty form field is one that was left blank.
  const given = Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim() !== ''));
  const parsed = IngestFieldsSchema.safeParse(given);
  if (!parsed.success) throw new LecternError('invalid-input', describeIssues(parsed.error), { cure: 'Correct the fields named.' });
  const { language } = parsed.data;
  if (language !== undefined && !languages.includes(language)) {
    throw new LecternError('invalid-input', `language: ${language} is not one that is transcribed for this tenant`, {
      cure: `Leave it out to have it found, or give one of ${languages.join(', ')}.`,
    });
  }
  return parsed.data;
}

function tooLarge(limitBytes: number): LecternError {
  return new LecternError('invalid-input', `the file is over ${limitBytes} bytes`, {
    cure: 'Send a smaller file, or have the limit raised: LECTERN_MAX_UPLOAD_BYTES, or the tenant’s quota of an upload’s size.',
    details: { limitBytes },
  });
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}
