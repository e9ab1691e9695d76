import { expect, it } from 'vitest';
import { toConfiguration } from './tenant-configuration.ts';

it('names only what was given; `none` takes it back', () => {
  expect(toConfiguration({})).toEqual({ quotas: {} });
  expect(toConfiguration({ retentionDays: '365', languages: ['de', 'en'], languageModelContexts: 'off', quotaLectures: 'none' })).toEqual({
    retentionDays: 365,
    languages: ['de', 'en'],
    languageModelContexts: false,
    quotas: { lectures: null },
  });
  expect(toConfiguration({ retentionDays: 'none', languages: ['none'] })).toEqual({ retentionDays: null, languages: null, quotas: {} });
});

it.each([{ quotaBytes: 'many' }, { quotaLectures: '-1' }, { retentionDays: '0' }, { retentionDays: '1.5' }, { languages: ['Deutsch'] }])(
  'refuses %j',
  (flags) => {
    expect(() => toConfiguration(flags)).toThrow(expect.objectContaining({ kind: 'invalid-input' }));
  },
);
