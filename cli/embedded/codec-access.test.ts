import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import { createCodecAccess } from './codec-access.ts';

const MASTER_KEY = randomBytes(32).toString('base64');

describe('how the embedded UI reads what is encrypted', () => {
  it('is by a token of its own at each start, for the UI’s origin under both names', () => {
    const config = parseConfig({ LECTERN_MASTER_KEY: MASTER_KEY, LECTERN_CODEC_ORIGINS: 'https://temporal.example.org' });
    const [first, second] = [createCodecAccess(config, 8080), createCodecAccess(config, 8080)];
    expect(first?.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:8080\/codec\/[\w-]{43}$/);
    expect(second?.endpoint).not.toBe(first?.endpoint);
    const served = parseConfig(first?.environment('http://127.0.0.1:8233') ?? {});
    expect(first?.endpoint).toContain(served.LECTERN_CODEC_TOKEN);
    expect(served.LECTERN_CODEC_ORIGINS).toEqual(['https://temporal.example.org', 'http://127.0.0.1:8233', 'http://localhost:8233']);
  });

  it('is not there without encryption, or beside a Temporal that is not ours', () => {
    expect(createCodecAccess(parseConfig({}), 8080)).toBeUndefined();
    expect(createCodecAccess(parseConfig({ LECTERN_MASTER_KEY: MASTER_KEY, TEMPORAL_ADDRESS: 'temporal:7233' }), 8080)).toBeUndefined();
  });
});
