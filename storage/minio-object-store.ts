import type { Readable } from 'node:stream';
import type { Client } from 'minio';
import { LecternError } from '../contracts/errors.ts';
import { connectMinio, type MinioConnection, type MinioServer } from './minio-client.ts';
import { isS3Refusal, toStorageError } from './minio-errors.ts';
import { cutIntoParts, PART_BYTES, uploadInParts } from './minio-multipart.ts';
import { checkFolderPrefix, checkKey, checkPrefix } from './object-key.ts';
import type { ByteRange, ObjectInfo, ObjectStore, PutOptions } from './object-store.ts';

export interface MinioOptions extends MinioServer {
  /** Made when it is missing. */
  bucket: string;
}

const DELETE_BATCH = 1000;
const HEALTH_TIMEOUT_MILLISECONDS = 5_000;

/** Objects in MinIO or any S3 with conditional writes. */
export async function openMinioObjectStore(options: MinioOptions): Promise<ObjectStore> {
  const connection = connectMinio(options);
  await mapped('open', options.bucket, () => makeBucket(connection.client, options.bucket));
  return new MinioObjectStore(connection, options.bucket);
}

class MinioObjectStore implements ObjectStore {
  readonly #client: Client;
  readonly #disconnect: () => void;
  readonly #bucket: string;

  constructor({ client, disconnect }: MinioConnection, bucket: string) {
    this.#client = client;
    this.#disconnect = disconnect;
    this.#bucket = bucket;
  }

  async put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<ObjectInfo> {
    checkKey(key);
    const conditions = toConditions(options);
    const headers = { 'Content-Type': options.contentType ?? 'application/octet-stream' };
    const parts = cutIntoParts(body instanceof Uint8Array ? [body] : body);
    const begun = await parts.next();
    const first = begun.done === true ? Buffer.alloc(0) : begun.value;
    if (first.length === PART_BYTES) {
      return uploadInParts({ client: this.#client, bucket: this.#bucket, key, headers, conditions }, first, parts);
    }
    const all = { ...headers, ...conditions };
    const { etag } = await mapped('put', key, () => this.#client.putObject(this.#bucket, key, first, first.length, all));
    return { key, bytes: first.length, etag };
  }

  async get(key: string): Promise<{ body: Uint8Array; info: ObjectInfo }> {
    checkKey(key);
    const response = await mapped('get', key, () => this.#client.getObject(this.#bucket, key));
    const chunks: Uint8Array[] = [];
    for await (const chunk of whileMapped<Uint8Array>(key, response)) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    return { body, info: { key, bytes: body.length, etag: etagOf(response) } };
  }

  async stream(key: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    checkKey(key);
    if (range !== undefined && range.end <= range.start) {
      await mapped('stat', key, () => this.#client.statObject(this.#bucket, key));
      return nothing();
    }
    try {
      const response =
        range === undefined
          ? await this.#client.getObject(this.#bucket, key)
          : await this.#client.getPartialObject(this.#bucket, key, range.start, range.end - range.start);
      const chunks = readResponse(key, response);
      // A generator that was never begun closes nothing when its reader gives up.
      await chunks.next();
      return chunks;
    } catch (error) {
      if (isS3Refusal(error, 'InvalidRange')) return nothing();
      throw toStorageError('get', key, error);
    }
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    checkKey(key);
    try {
      const { size, etag } = await this.#client.statObject(this.#bucket, key);
      return { key, bytes: size, etag };
    } catch (error) {
      if (isS3Refusal(error, 'NotFound', 'NoSuchKey')) return undefined;
      throw toStorageError('stat', key, error);
    }
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix);
    const found: AsyncIterable<unknown> = this.#client.listObjectsV2(this.#bucket, prefix, true);
    for await (const item of whileMapped(prefix, found)) {
      const { name, size, etag } = item as { name: string; size: number; etag: string };
      yield { key: name, bytes: size, etag };
    }
  }

  async *listFolders(prefix: string, after?: string): AsyncGenerator<string> {
    checkFolderPrefix(prefix);
    if (after !== undefined) checkKey(after);
    // `0` follows `/`: behind every key of that folder, before the keys of the next.
    const from = after === undefined ? '' : `${prefix}${after}0`;
    const found: AsyncIterable<unknown> = this.#client.listObjectsV2(this.#bucket, prefix, false, from);
    for await (const item of whileMapped(prefix, found)) {
      const folder = (item as { prefix?: string }).prefix;
      if (folder !== undefined) yield folder.slice(prefix.length, -1);
    }
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    await mapped('delete', key, () => this.#client.removeObject(this.#bucket, key));
  }

  async deletePrefix(prefix: string): Promise<number> {
    checkFolderPrefix(prefix);
    // Until nothing is found: a writer may have added while we deleted.
    for (let count = 0; ;) {
      const batch: string[] = [];
      for await (const { key } of this.list(prefix)) {
        batch.push(key);
        if (batch.length === DELETE_BATCH) break;
      }
      if (batch.length === 0) return count;
      const answers = await mapped('delete', prefix, () => this.#client.removeObjects(this.#bucket, batch));
      const refusal = answers.find((answer) => answer?.Error !== undefined)?.Error;
      if (refusal !== undefined)
        throw new LecternError('unavailable', `cannot delete below ${prefix}: ${refusal.Code ?? 'no reason given'}`);
      count += batch.length;
    }
  }

  async health(): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error('no answer')), HEALTH_TIMEOUT_MILLISECONDS);
    try {
      const found = await mapped('find', this.#bucket, () => Promise.race([this.#client.bucketExists(this.#bucket), late]));
      if (!found) throw new LecternError('unavailable', `the object store has no bucket ${this.#bucket}`);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): Promise<void> {
    this.#disconnect();
    return Promise.resolve();
  }
}

async function makeBucket(client: Client, bucket: string): Promise<void> {
  if (await client.bucketExists(bucket)) return;
  try {
    await client.makeBucket(bucket);
  } catch (error) {
    // Another process of ours was quicker.
    if (!isS3Refusal(error, 'BucketAlreadyOwnedByYou', 'BucketAlreadyExists')) throw error;
  }
}

function toConditions({ ifMatch, ifAbsent }: PutOptions): Record<string, string> {
  return { ...(ifMatch === undefined ? {} : { 'If-Match': `"${ifMatch}"` }), ...(ifAbsent === true ? { 'If-None-Match': '*' } : {}) };
}

function etagOf(response: object): string {
  const { headers } = response as { headers: Record<string, string | undefined> };
  return (headers['etag'] ?? '').replaceAll('"', '');
}

/** A connection that breaks while bytes flow is an error of the store, too. */
async function* whileMapped<T>(key: string, source: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    for await (const item of source) yield item;
  } catch (error) {
    throw toStorageError('get', key, error);
  }
}

/** Gives the connection back when the reader is done or gives up. The first chunk is empty: it only begins. */
async function* readResponse(key: string, response: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield Buffer.alloc(0);
    yield* whileMapped<Uint8Array>(key, response);
  } finally {
    response.destroy();
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function mapped<T>(verb: string, key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStorageError(verb, key, error);
  }
}
