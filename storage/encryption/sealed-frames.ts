import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { LecternError } from '../../contracts/errors.ts';
import { KEY_BYTES, NONCE_BYTES, TAG_BYTES } from './master-keys.ts';

/*
 * A sealed object: a header, then frames, each of them authenticated by itself, so that any range can be read and trusted alone.
 *
 *   header  magic 16 | version 1 | key id 8 | salt 32
 *   frame   ciphertext of 65,536 bytes | tag 16       every one but the last
 *   last    ciphertext of 0 to 65,535 bytes | tag 16  always shorter than a whole one: so the size alone says which it is
 *
 * Each object has a key of its own, derived from its tenant's by the salt and the object's key: an object that is moved to
 * another key does not open. The nonce is the frame's number and whether it is the last: frames cannot be left out, repeated,
 * exchanged or cut off. The header is authenticated with every frame.
 */
const MAGIC = Buffer.from('\u0089lectern-sealed\n', 'latin1');
const VERSION = 1;
const KEY_ID_BYTES = 8;
const SALT_BYTES = 32;
export const HEADER_BYTES = MAGIC.length + 1 + KEY_ID_BYTES + SALT_BYTES;
export const FRAME_BYTES = 65_536;
export const SEALED_FRAME_BYTES = FRAME_BYTES + TAG_BYTES;
/** Fewer bytes than these may look like a magic by chance. */
const TELLING_BYTES = 8;

/** A fresh header for a key: its salt makes the object's own key. */
export function makeHeader(keyId: string): Buffer {
  return Buffer.concat([MAGIC, Buffer.of(VERSION), Buffer.from(keyId, 'hex'), randomBytes(SALT_BYTES)]);
}

/**
 * The id of the key that sealed an object which begins with `head`; `undefined` for one that was never sealed. A magic that is
 * nearly right is a damaged one: no byte of a sealed object may turn it into a plain one. Errors: `internal` for damage.
 */
export function readKeyId(objectKey: string, head: Uint8Array): string | undefined {
  const compared = Math.min(head.length, MAGIC.length);
  const agreeing = MAGIC.subarray(0, compared).filter((byte, at) => byte === head[at]).length;
  if (compared < TELLING_BYTES || agreeing * 2 < compared) return undefined;
  if (agreeing < MAGIC.length || head.length < HEADER_BYTES) throw damaged(objectKey);
  if (head[MAGIC.length] !== VERSION) {
    throw new LecternError('internal', `object ${objectKey} is sealed in version ${head[MAGIC.length]}, which this Lectern does not know`);
  }
  return Buffer.from(head.subarray(MAGIC.length + 1, MAGIC.length + 1 + KEY_ID_BYTES)).toString('hex');
}

/** How many bytes a sealed object of `sealedBytes` holds. */
export function plainBytes(sealedBytes: number): number {
  const { frames, lastBytes } = layoutOf(sealedBytes);
  return frames * FRAME_BYTES + Math.max(0, lastBytes - TAG_BYTES);
}

/** Whole frames, and the bytes of the last one with its tag. */
export function layoutOf(sealedBytes: number): { frames: number; lastBytes: number } {
  const bytes = Math.max(0, sealedBytes - HEADER_BYTES);
  return { frames: Math.floor(bytes / SEALED_FRAME_BYTES), lastBytes: bytes % SEALED_FRAME_BYTES };
}

/** Seals and opens the frames of one object. */
export interface FrameCipher {
  /** Ciphertext and tag, to be joined with those of other frames in one copy. */
  seal(index: number, isLast: boolean, plain: Uint8Array): [Buffer, Buffer];
  /** `sealed` with its tag. Errors: `internal` where a bit of it, its place or its object is another one. */
  open(index: number, isLast: boolean, sealed: Uint8Array): Buffer;
}

export function createFrameCipher(secret: Buffer, header: Uint8Array, objectKey: string): FrameCipher {
  const salt = header.subarray(HEADER_BYTES - SALT_BYTES, HEADER_BYTES);
  const key = Buffer.from(hkdfSync('sha256', secret, salt, `lectern object 1\n${objectKey}`, KEY_BYTES));
  return {
    seal(index, isLast, plain) {
      const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index, isLast)).setAAD(header);
      const sealed = cipher.update(plain);
      // Empty: this mode holds nothing back.
      cipher.final();
      return [sealed, cipher.getAuthTag()];
    },
    open(index, isLast, sealed) {
      if (sealed.length < TAG_BYTES) throw damaged(objectKey);
      const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(index, isLast)).setAAD(header);
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      try {
        const plain = decipher.update(sealed.subarray(0, -TAG_BYTES));
        decipher.final();
        return plain;
      } catch (error) {
        throw damaged(objectKey, error);
      }
    },
  };
}

export function damaged(objectKey: string, cause?: unknown): LecternError {
  return new LecternError('internal', `object ${objectKey} is damaged, cut off or not the one that was written there`, {
    cure: 'Restore it from a backup, or ingest the recording again.',
    cause,
  });
}

/** The key is the object's own, so the frame's number never comes twice under it. */
function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32BE(index, 0);
  nonce.writeUInt8(isLast ? 1 : 0, NONCE_BYTES - 1);
  return nonce;
}
