import { LecternError } from '../../contracts/errors.ts';
import type { TenantId } from '../../contracts/identity.ts';
import type { ByteRange, ObjectInfo, ObjectStore, PutOptions } from '../object-store.ts';
import { openStream, sealStream, sliceStream } from './frame-streams.ts';
import { begun, collect, joined, nothing, once, takeHead } from './stream-parts.ts';
import {
  createFrameCipher,
  damaged,
  FRAME_BYTES,
  HEADER_BYTES,
  layoutOf,
  makeHeader,
  plainBytes,
  readKeyId,
  SEALED_FRAME_BYTES,
  type FrameCipher,
} from './sealed-frames.ts';
import type { TenantKeys } from './tenant-keys.ts';

/** Objects whose headers are read at once while a prefix is listed: their sizes depend on whether they are sealed. */
const LOOK_AHEAD = 16;
/** An object that was replaced between the reading of its header and of its frames so often in a row is damaged. */
const MAX_TRIES = 5;

export interface EncryptedObjectStoreOptions {
  objects: ObjectStore;
  keys: TenantKeys;
  /** Whose an object is; what is nobody's passes as it is. */
  ownerOf: (key: string) => TenantId | undefined;
}

/**
 * Objects of a tenant sealed by the tenant's key; sizes and ranges are those of what was put. Reads what was written before
 * encryption was on, of tenants that had objects then. Errors beyond the store's own: `conflict` where the key was destroyed,
 * `internal` for what is damaged or was exchanged.
 */
export function createEncryptedObjectStore(options: EncryptedObjectStoreOptions): ObjectStore {
  return new EncryptedObjectStore(options);
}

class EncryptedObjectStore implements ObjectStore {
  readonly #objects: ObjectStore;
  readonly #keys: TenantKeys;
  readonly #ownerOf: (key: string) => TenantId | undefined;

  constructor({ objects, keys, ownerOf }: EncryptedObjectStoreOptions) {
    this.#objects = objects;
    this.#keys = keys;
    this.#ownerOf = ownerOf;
  }

  async put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, options?: PutOptions): Promise<ObjectInfo> {
    const owner = this.#ownerOf(key);
    if (owner === undefined) return this.#objects.put(key, body, options);
    const { id, secret } = await this.#keys.forSealing(owner);
    const header = makeHeader(id);
    const cipher = createFrameCipher(secret, header, key);
    const info = await this.#objects.put(key, joined(header, sealStream(body instanceof Uint8Array ? [body] : body, cipher)), options);
    return { ...info, bytes: plainBytes(info.bytes) };
  }

  async get(key: string): Promise<{ body: Uint8Array; info: ObjectInfo }> {
    const { body: stored, info } = await this.#objects.get(key);
    const cipher = await this.#cipherOf(key, stored);
    if (cipher === undefined) return { body: stored, info };
    const body = await collect(openStream(key, once(stored.subarray(HEADER_BYTES)), cipher, { first: 0, count: Infinity }));
    return { body, info: { ...info, bytes: body.length } };
  }

  async stream(key: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    if (this.#ownerOf(key) === undefined) return this.#objects.stream(key, range);
    if (range === undefined) return this.#streamWhole(key);
    return range.end <= range.start ? this.#objects.stream(key, range) : this.#streamRange(key, range);
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    const info = await this.#objects.head(key);
    return info && this.#ofPlainSize(info);
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    const ahead: Promise<ObjectInfo | undefined>[] = [];
    for await (const info of this.#objects.list(prefix)) {
      const sized = this.#ofPlainSize(info);
      // Who stops listing waits for none of those that are under way.
      sized.catch(() => undefined);
      ahead.push(sized);
      if (ahead.length === LOOK_AHEAD) yield* present(await ahead.shift());
    }
    for (const sized of ahead) yield* present(await sized);
  }

  listFolders(prefix: string, after?: string): AsyncIterable<string> {
    return this.#objects.listFolders(prefix, after);
  }

  delete(key: string): Promise<void> {
    return this.#objects.delete(key);
  }

  deletePrefix(prefix: string): Promise<number> {
    return this.#objects.deletePrefix(prefix);
  }

  health(): Promise<void> {
    return this.#objects.health();
  }

  close(): Promise<void> {
    return this.#objects.close();
  }

  /** How to open an object that begins with `head`; `undefined` for a plain one, where the tenant may have such. */
  async #cipherOf(key: string, head: Uint8Array): Promise<FrameCipher | undefined> {
    const owner = this.#ownerOf(key);
    if (owner === undefined) return undefined;
    const keyId = readKeyId(key, head);
    if (keyId !== undefined) {
      const { secret } = await this.#keys.forOpening(owner, keyId);
      return createFrameCipher(secret, head.subarray(0, HEADER_BYTES), key);
    }
    if (await this.#keys.mayHavePlain(owner)) return undefined;
    throw new LecternError('internal', `object ${key} is not encrypted, though all objects of tenant ${owner} are: somebody exchanged it`, {
      cure: 'Restore it from a backup; give every process that writes to this store LECTERN_MASTER_KEY.',
    });
  }

  /** One reading from its first to its last byte, so that a reader ends the version that it began. */
  async #streamWhole(key: string): Promise<AsyncIterable<Uint8Array>> {
    const source = (await this.#objects.stream(key))[Symbol.asyncIterator]();
    try {
      const { head, rest } = await takeHead(source, HEADER_BYTES);
      const cipher = await this.#cipherOf(key, head);
      const all = { first: 0, count: Infinity };
      return await begun(source, cipher === undefined ? joined(head, rest) : openStream(key, rest, cipher, all));
    } catch (error) {
      await source.return?.();
      throw error;
    }
  }

  async #streamRange(key: string, range: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    const first = Math.floor(range.start / FRAME_BYTES);
    const count = Math.ceil(range.end / FRAME_BYTES) - first;
    for (let tries = 1; ; tries += 1) {
      const head = await collect(await this.#objects.stream(key, { start: 0, end: HEADER_BYTES }));
      const cipher = await this.#cipherOf(key, head);
      if (cipher === undefined) return this.#objects.stream(key, range);
      try {
        return await this.#openRange(key, cipher, { first, count, range });
      } catch (error) {
        // Replaced by another version between its header and its frames, which is under another key then.
        const now = await collect(await this.#objects.stream(key, { start: 0, end: HEADER_BYTES }));
        if (tries === MAX_TRIES || now.equals(head)) throw error;
      }
    }
  }

  async #openRange(
    key: string,
    cipher: FrameCipher,
    { first, count, range }: { first: number; count: number; range: ByteRange },
  ): Promise<AsyncIterable<Uint8Array>> {
    const start = HEADER_BYTES + first * SEALED_FRAME_BYTES;
    const source = (await this.#objects.stream(key, { start, end: start + count * SEALED_FRAME_BYTES }))[Symbol.asyncIterator]();
    try {
      const { head, rest } = await takeHead(source, 1);
      if (head.length === 0) {
        await this.#checkEnd(key, cipher, first);
        return nothing();
      }
      const plain = openStream(key, joined(head, rest), cipher, { first, count });
      return await begun(source, sliceStream(plain, { skip: range.start - first * FRAME_BYTES, limit: range.end - range.start }));
    } catch (error) {
      await source.return?.();
      throw error;
    }
  }

  /** That nothing is behind the end is believed only of an object whose last frame says that it is the last. */
  async #checkEnd(key: string, cipher: FrameCipher, beyond: number): Promise<void> {
    const info = await this.#objects.head(key);
    if (info === undefined) throw new LecternError('not-found', `there is no object ${key}`);
    const { frames, lastBytes } = layoutOf(info.bytes);
    if (frames >= beyond) throw damaged(key);
    const start = HEADER_BYTES + frames * SEALED_FRAME_BYTES;
    cipher.open(frames, true, await collect(await this.#objects.stream(key, { start, end: start + lastBytes })));
  }

  /** `undefined` where the object was deleted meanwhile. Whether it is whole is found when it is read. */
  async #ofPlainSize(info: ObjectInfo): Promise<ObjectInfo | undefined> {
    if (this.#ownerOf(info.key) === undefined || info.bytes < HEADER_BYTES) return info;
    try {
      const head = await collect(await this.#objects.stream(info.key, { start: 0, end: HEADER_BYTES }));
      return readKeyId(info.key, head) === undefined ? info : { ...info, bytes: plainBytes(info.bytes) };
    } catch (error) {
      if (!(error instanceof LecternError)) throw error;
      if (error.kind === 'not-found') return undefined;
      if (error.kind === 'internal') return info;
      throw error;
    }
  }
}

function* present(info: ObjectInfo | undefined): Generator<ObjectInfo> {
  if (info !== undefined) yield info;
}
