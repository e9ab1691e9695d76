import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streamZipMember } from './zip-member.ts';

/** A zip file of one member, by APPNOTE.TXT, with what is to be broken in it. */
function makeZip(body: Buffer, deflate: boolean, lie: { bytes?: number; crc?: number } = {}): Buffer {
  const packed = deflate ? deflateRawSync(body) : body;
  const name = Buffer.from('weights.bin');
  const fields = Buffer.alloc(20);
  fields.writeUInt16LE(deflate ? 8 : 0, 0);
  fields.writeUInt32LE(lie.crc ?? crc32(body), 6);
  fields.writeUInt32LE(packed.length, 10);
  fields.writeUInt32LE(lie.bytes ?? body.length, 14);
  fields.writeUInt16LE(name.length, 18);
  const local = Buffer.concat([Buffer.from('504b030414000000', 'hex'), fields, Buffer.alloc(2), name, packed]);
  const entry = Buffer.concat([Buffer.from('504b0102140014000000', 'hex'), fields, Buffer.alloc(16), name]);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, entry, end]);
}

describe('streaming a zip member', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lectern-zip-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function read(zip: Buffer, name = 'weights.bin'): Promise<Buffer> {
    const path = join(folder, 'x.zip');
    await writeFile(path, zip);
    const chunks: Uint8Array[] = [];
    for await (const chunk of streamZipMember(path, name)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
  const body = Buffer.from('lectern '.repeat(50_000));

  it('gives stored, deflated and empty members', async () => {
    for (const deflate of [false, true]) {
      expect(Buffer.compare(await read(makeZip(body, deflate)), body)).toBe(0);
      expect(await read(makeZip(Buffer.alloc(0), deflate))).toHaveLength(0);
    }
  });

  it('refuses a member that is not what the directory says', async () => {
    await expect(read(makeZip(body, true, { crc: 1 }))).rejects.toMatchObject({ kind: 'invalid-input' });
    await expect(read(makeZip(body, true, { bytes: 1000 }))).rejects.toMatchObject({ kind: 'invalid-input' });
    await expect(read(makeZip(body, true, { bytes: body.length + 1 }))).rejects.toMatchObject({ kind: 'invalid-input' });
    const flipped = makeZip(body, true);
    flipped[60] = (flipped[60] ?? 0) ^ 0xff;
    await expect(read(flipped)).rejects.toMatchObject({ kind: 'invalid-input' });
    await expect(read(makeZip(body, true), 'other.bin')).rejects.toMatchObject({ kind: 'invalid-input' });
  });
});
