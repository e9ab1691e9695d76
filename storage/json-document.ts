import { z, type ZodType } from 'zod';
import { isKind, LecternError } from '../contracts/errors.ts';
import type { ObjectStore } from './object-store.ts';

/** Conflicts in a row on one document; each one means that another writer got on. */
const MAX_TRIES = 100;

/** A document of a schema in an object of its own; `absent` is what it says while it is not there. */
export interface JsonDocument<Value> {
  read(): Promise<Value>;
  /** Compare-and-set: `change` is called again on the newer value when another writer was quicker. Errors: `unavailable`. */
  update(change: (value: Value) => Value): Promise<Value>;
  delete(): Promise<void>;
}

export function createJsonDocument<Value>(
  objects: ObjectStore,
  { key, schema, absent }: { key: string; schema: ZodType<Value>; absent: Value },
): JsonDocument<Value> {
  async function load(): Promise<{ value: Value; etag?: string }> {
    try {
      const { body, info } = await objects.get(key);
      return { value: parse(key, schema, body), etag: info.etag };
    } catch (error) {
      if (isKind(error, 'not-found')) return { value: absent };
      throw error;
    }
  }
  return {
    read: async () => (await load()).value,
    async update(change) {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const { value, etag } = await load();
        const next = schema.parse(change(value));
        const condition = etag === undefined ? { ifAbsent: true } : { ifMatch: etag };
        try {
          await objects.put(key, Buffer.from(JSON.stringify(next)), { contentType: 'application/json', ...condition });
          return next;
        } catch (error) {
          if (!isKind(error, 'conflict')) throw error;
        }
      }
      throw new LecternError('unavailable', `${key} is changed by too many at once`);
    },
    delete: () => objects.delete(key),
  };
}

function parse<Value>(key: string, schema: ZodType<Value>, body: Uint8Array): Value {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(body).toString());
  } catch (error) {
    throw new LecternError('internal', `${key} is damaged: it is not JSON`, { cause: error });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  // The paths only: what is wrong with a value may hold a name.
  const paths = z.flattenError(parsed.error);
  throw new LecternError('internal', `${key} is damaged: ${Object.keys(paths.fieldErrors).join(', ') || 'it is of another form'}`);
}
