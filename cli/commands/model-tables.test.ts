import { describe, expect, it } from 'vitest';
import type { MeasuredModels } from '../../contracts/measured-models.ts';
import { renderModelList, toListedModel } from './model-tables.ts';

const measured: MeasuredModels = {
  data: 'asr/librispeech',
  recordings: 40,
  audioSeconds: 300.4,
  threads: 2,
  models: [{ name: 'whisper-base', revision: 'd01c3014881c', precision: 'int8', wer: 0.135, werInterval: null, processorFactor: 0.16 }],
};

type Model = Parameters<typeof toListedModel>[0];

function status(name: string, change: Partial<Model> = {}): Model {
  const file = { bytes: 145_000_000, state: 'present' as const };
  return { name, description: 'a model', revision: 'd01c3014881c', licence: 'MIT', optional: true, files: [file], ...change };
}

const speech = { languages: 99, publishedWer: { librispeechClean: 4.25, librispeechOther: 10.35 } };
const list = (models: Model[], chosen = 'whisper-base'): string =>
  renderModelList(
    models.map((model) => toListedModel(model, measured, chosen)),
    measured,
    'a leaderboard',
  );
const rowOf = (text: string, name: string): string[] =>
  text
    .split('\n')
    .find((line) => line.startsWith(name))!
    .split(/ {2,}/);

describe('the list of models', () => {
  it('tells of a speech model what it is, what others and we measured, and that it is the one that transcribes', () => {
    expect(rowOf(list([status('whisper-base', { speech })]), 'whisper-base')).toEqual([
      'whisper-base *',
      'here',
      '145.0 MB',
      '99',
      '4.25 / 10.35',
      '13.5',
      '0.16',
      'MIT',
    ]);
  });

  it('shows no figures of other weights than these, and none that nobody published', () => {
    const model = status('whisper-base', { revision: '0'.repeat(12), speech: { languages: 1 } });
    expect(rowOf(list([model], './folder'), 'whisper-base').slice(3, 7)).toEqual(['English', '-', '-', '-']);
  });

  it('says why a model cannot be run', () => {
    const text = list([status('parakeet', { speech: { ...speech, notRunnable: 'no adapter' } })]);
    expect(rowOf(text, 'parakeet')[1]).toBe('not runnable');
    expect(text).toContain('parakeet cannot be run by this build: no adapter');
  });

  it('tells a wrong file from a missing one, and lists other models below', () => {
    const missing = status('a', { files: status('a').files.map((file) => ({ ...file, state: 'missing' as const })) });
    const corrupt = { ...missing, name: 'b', files: [...missing.files, { ...missing.files[0]!, state: 'corrupt' as const }] };
    const text = list([missing, { ...missing, name: 'needed', optional: false }, corrupt]);
    expect(['a', 'needed', 'b'].map((name) => rowOf(text, name)[1])).toEqual(['optional', 'missing', 'corrupt']);
  });
});
