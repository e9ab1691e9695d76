import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Config } from '../../contracts/config.ts';
import { LecternError } from '../../contracts/errors.ts';

export const KEY_BYTES = 32;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';

/** What a master key has closed: fit for a document, opens nothing by itself. */
export interface WrappedKey {
  /** Which master key; tells nothing about it. */
  masterKeyId: string;
  /** Base64 of nonce, ciphertext and tag. */
  wrapped: string;
}

/** The master keys of a process. The first wraps; the others only open what they wrapped before a rotation. */
export interface MasterKeys {
  /** Of the key that wraps. */
  id: string;
  /** `context` must be the same when it is opened. */
  wrap(key: Uint8Array, context: string): WrappedKey;
  /** Errors: `invalid-input` where the master key is not among ours or the document was changed. */
  unwrap(wrapped: WrappedKey, context: string): Buffer;
  has(masterKeyId: string): boolean;
  /** A key for `purpose` made of the master key itself; `undefined` for a master key that is not ours. */
  derive(masterKeyId: string, purpose: string): Buffer | undefined;
}

/**
 * Reads `LECTERN_MASTER_KEY` or the file that `LECTERN_MASTER_KEY_FILE` names: base64 of 32 bytes; further keys after a comma or a
 * line break open what they wrapped. `null`: encryption is off. Errors: `invalid-input`, which never tell what was given.
 */
export async function readMasterKeys(config: Pick<Config, 'LECTERN_MASTER_KEY' | 'LECTERN_MASTER_KEY_FILE'>): Promise<MasterKeys | null> {
  const { LECTERN_MASTER_KEY: given, LECTERN_MASTER_KEY_FILE: file } = config;
  if (given !== undefined && file !== undefined) {
    throw new LecternError('invalid-input', 'LECTERN_MASTER_KEY and LECTERN_MASTER_KEY_FILE are both set', { cure: 'Unset one of them.' });
  }
  if (file !== undefined) return createMasterKeys(decodeKeys(await readKeyFile(file), `the file ${file}`));
  return given === undefined ? null : createMasterKeys(decodeKeys(given, 'LECTERN_MASTER_KEY'));
}

/** `keys`: each of 32 bytes, the first one wraps. */
export function createMasterKeys(keys: readonly [Buffer, ...Buffer[]]): MasterKeys {
  const byId = new Map(keys.map((key) => [idOf(key), key]));
  const [first] = keys;
  const id = idOf(first);
  return {
    id,
    wrap(key, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, first, nonce).setAAD(Buffer.from(context));
      const sealed = [nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()];
      return { masterKeyId: id, wrapped: Buffer.concat(sealed).toString('base64') };
    },
    unwrap({ masterKeyId, wrapped }, context) {
      const master = byId.get(masterKeyId);
      if (master === undefined) throw foreignMasterKey(masterKeyId);
      const bytes = Buffer.from(wrapped, 'base64');
      const decipher = createDecipheriv(ALGORITHM, master, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      } catch (error) {
        throw new LecternError('internal', 'the document of a tenant’s key was changed', {
          cure: 'Restore it from a backup of the prefix tenant-keys/; without it what it sealed cannot be read.',
          cause: error,
        });
      }
    },
    has: (masterKeyId) => byId.has(masterKeyId),
    derive(masterKeyId, purpose) {
      const master = byId.get(masterKeyId);
      return master && Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), purpose, KEY_BYTES));
    },
  };
}

export function foreignMasterKey(masterKeyId: string): LecternError {
  return new LecternError('invalid-input', `tenants' keys are wrapped by the master key ${masterKeyId}, which this process does not have`, {
    cure: 'Give LECTERN_MASTER_KEY (or its file) that key, after the new one and a comma while a rotation is under way.',
  });
}

/** A digest of the key under a name of its own: nothing else is ever made of it. */
function idOf(key: Buffer): string {
  return createHash('sha256').update('lectern master key id\0').update(key).digest('hex').slice(0, 16);
}

async function readKeyFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new LecternError('invalid-input', `LECTERN_MASTER_KEY_FILE: ${path} cannot be read`, {
      cure: 'Make the file readable for this process, or name another one.',
      cause: error,
    });
  }
}

function decodeKeys(text: string, where: string): [Buffer, ...Buffer[]] {
  const [first, ...others] = text
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map((part) => decodeKey(part, where));
  if (first === undefined) throw unfitKey(where);
  return [first, ...others];
}

function decodeKey(text: string, where: string): Buffer {
  const key = Buffer.from(text, 'base64');
  // Buffer skips what is no base64: only what comes out the same again was meant.
  if (key.length !== KEY_BYTES || key.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, '')) throw unfitKey(where);
  return key;
}

function unfitKey(where: string): LecternError {
  return new LecternError('invalid-input', `${where}: a master key is the base64 of 32 bytes`, {
    cure: 'Make one with `openssl rand -base64 32`, and keep a copy where the objects are not.',
  });
}
