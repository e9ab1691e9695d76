import { assert, dictionary, jsonValue, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCanonicalJson } from './canonical-json.ts';

describe('canonical JSON', () => {
  it('does not depend on the order of keys', () => {
    expect(toCanonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined })).toBe('{"b":[1,{"c":"x","d":null}]}');
    assert(
      property(dictionary(string(), jsonValue()), (value) => {
        expect(toCanonicalJson(Object.fromEntries(Object.entries(value).toReversed()))).toBe(toCanonicalJson(value));
      }),
    );
  });

  it('is JSON of the same value', () => {
    assert(
      property(jsonValue(), (value) => {
        expect(JSON.parse(toCanonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('refuses numbers that JSON cannot tell apart', () => {
    expect(() => toCanonicalJson({ threshold: Number.NaN })).toThrow(TypeError);
    expect(() => toCanonicalJson([Number.POSITIVE_INFINITY])).toThrow(TypeError);
  });
});
