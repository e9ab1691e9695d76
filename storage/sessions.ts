import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { isKind } from '../contracts/errors.ts';
import { sessionKey, SESSIONS_PREFIX } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/** Signed-in browsers. A session stands for an API key and opens what that key opens, as long as the key lives. */
export interface SessionStore {
  /** The token goes to the browser and is kept nowhere else. */
  open(apiKey: string): Promise<{ token: string; endsAt: Date }>;
  /** The API key behind it, and the session stays awake; `undefined` for unknown and ended ones. */
  resume(token: string): Promise<string | undefined>;
  close(token: string): Promise<void>;
  /** Removes what has ended; returns how many. */
  sweep(): Promise<number>;
}

const HOUR_MS = 3600 * 1000;
/** A working day without a request ends it, and a week in any case. */
const IDLE_MS = 12 * HOUR_MS;
const LONGEST_MS = 7 * 24 * HOUR_MS;
/** That often at most a session is written again: a request is to cost a read. */
const TOUCH_MS = HOUR_MS / 4;

const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const SessionSchema = z.object({
  /** The API key, sealed with a key that only the token gives: who reads the store learns neither. */
  sealed: z.base64(),
  openedAt: z.iso.datetime(),
  seenAt: z.iso.datetime(),
});
type Session = z.infer<typeof SessionSchema>;

export function createSessionStore(objects: ObjectStore, now: () => number = Date.now): SessionStore {
  const isOver = ({ openedAt, seenAt }: Session): boolean =>
    now() > Date.parse(openedAt) + LONGEST_MS || now() > Date.parse(seenAt) + IDLE_MS;
  const write = (key: string, session: Session): Promise<unknown> =>
    objects.put(key, Buffer.from(JSON.stringify(session)), { contentType: 'application/json' });

  return {
    async open(apiKey) {
      const token = randomBytes(32).toString('base64url');
      const at = new Date(now()).toISOString();
      await write(keyOf(token), { sealed: seal(token, apiKey), openedAt: at, seenAt: at });
      return { token, endsAt: new Date(now() + LONGEST_MS) };
    },
    async resume(token) {
      if (!TOKEN.test(token)) return undefined;
      const session = await read(objects, keyOf(token));
      if (session === undefined || isOver(session)) return undefined;
      if (now() > Date.parse(session.seenAt) + TOUCH_MS) await write(keyOf(token), { ...session, seenAt: new Date(now()).toISOString() });
      return unseal(token, session.sealed);
    },
    async close(token) {
      if (TOKEN.test(token)) await objects.delete(keyOf(token));
    },
    async sweep() {
      let swept = 0;
      for await (const { key } of objects.list(SESSIONS_PREFIX)) {
        const session = await read(objects, key);
        if (session === undefined || !isOver(session)) continue;
        await objects.delete(key);
        swept += 1;
      }
      return swept;
    },
  };
}

function keyOf(token: string): string {
  return sessionKey(createHash('sha256').update(token).digest('hex'));
}

async function read(objects: ObjectStore, key: string): Promise<Session | undefined> {
  try {
    return SessionSchema.parse(JSON.parse(Buffer.from((await objects.get(key)).body).toString()));
  } catch (error) {
    if (isKind(error, 'not-found')) return undefined;
    throw error;
  }
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

function sealingKey(token: string): Buffer {
  return Buffer.from(hkdfSync('sha256', token, '', 'lectern session', 32));
}

function seal(token: string, apiKey: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', sealingKey(token), nonce);
  return Buffer.concat([nonce, cipher.update(apiKey, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

function unseal(token: string, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(token), bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}
