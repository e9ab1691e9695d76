import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  apiKeyKey,
  artifactKey,
  audioKey,
  idempotencyKey,
  lectureKey,
  lecturePrefix,
  mediaKey,
  revisionKey,
  toLectureId,
  unpublishedKey,
  uploadKey,
} from './keys.ts';
import { checkKey } from './object-key.ts';

const digest = 'ab'.repeat(32);
const lecture = 'lec_0123456789abcdef01234567';

describe('object keys', () => {
  it('lie where the design says', () => {
    expect(lectureKey('tum', lecture)).toBe(`tenants/tum/lectures/${lecture}/lecture.json`);
    expect(mediaKey('tum', lecture)).toBe(`tenants/tum/lectures/${lecture}/media/original`);
    expect(artifactKey('tum', lecture, 'transcribePiece', digest)).toBe(
      `tenants/tum/lectures/${lecture}/artifacts/transcribePiece/${digest}.json`,
    );
    expect(audioKey('tum', lecture, digest)).toBe(`tenants/tum/lectures/${lecture}/artifacts/prepare/${digest}.pcm`);
    expect(apiKeyKey(digest)).toBe(`keys/${digest}.json`);
    expect(revisionKey('tum', lecture, 7)).toBe(`tenants/tum/lectures/${lecture}/revisions/00000007.json`);
    expect(unpublishedKey('tum', lecture)).toBe(`tenants/tum/unpublished/${lecture}.json`);
  });

  it('are such that every adapter takes them', () => {
    const keys = [lectureKey('a', lecture), mediaKey('a', lecture), uploadKey('a', 'x-1'), idempotencyKey('a', digest), apiKeyKey(digest)];
    for (const key of keys) expect(() => checkKey(key)).not.toThrow();
  });

  it('never leave their tenant, whatever the parts are', () => {
    assert(
      property(string(), string(), (tenant, part) => {
        for (const make of [
          () => lectureKey(tenant, part),
          () => uploadKey(tenant, part),
          () => artifactKey(tenant, lecture, part, digest),
        ]) {
          let key: string;
          try {
            key = make();
          } catch {
            continue;
          }
          checkKey(key);
          expect(key.split('/').slice(0, 2)).toEqual(['tenants', tenant]);
        }
      }),
    );
    for (const tenant of ['..', '', 'a/b', 'A', 'a\n', '../keys']) expect(() => lecturePrefix(tenant, lecture)).toThrow(/object key/);
  });

  it('give the same recording of the same tenant the same lecture, and no other', () => {
    expect(toLectureId('tum', digest)).toMatch(/^lec_[0-9a-f]{24}$/);
    expect(toLectureId('tum', digest)).toBe(toLectureId('tum', digest));
    expect(toLectureId('lmu', digest)).not.toBe(toLectureId('tum', digest));
    expect(toLectureId('tum', 'cd'.repeat(32))).not.toBe(toLectureId('tum', digest));
  });
});
