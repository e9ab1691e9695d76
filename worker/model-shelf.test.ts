import { beforeEach, describe, expect, it } from 'vitest';
import { createModelShelf, type ModelShelf } from './model-shelf.ts';

let shelf: ModelShelf;
let log: string[];
beforeEach(() => {
  shelf = createModelShelf();
  log = [];
});

const opener = (name: string) => async () => {
  log.push(`open ${name}`);
  return { model: { name, revision: '1', precision: 'int8' }, close: async () => void log.push(`close ${name}`) };
};

describe('createModelShelf', () => {
  it('opens at the first use and shares what it opened', async () => {
    const whisper = shelf.place('transcribe', opener('whisper'));
    expect(log).toEqual([]);
    const [first, second] = await Promise.all([whisper.load(), whisper.load()]);
    expect(second).toBe(first);
    expect(log).toEqual(['open whisper']);
  });

  it('puts the models of one task away before it opens those of the next', async () => {
    const whisper = shelf.place('transcribe', opener('whisper'));
    const dense = shelf.place('embed', opener('dense'));
    const sparse = shelf.place('embed', opener('sparse'));
    await whisper.load();
    await Promise.all([dense.load(), sparse.load()]);
    await whisper.load();
    expect(log.slice(0, 2)).toEqual(['open whisper', 'close whisper']);
    expect(log.slice(2, 4).toSorted()).toEqual(['open dense', 'open sparse']);
    expect(log.slice(4, 6).toSorted()).toEqual(['close dense', 'close sparse']);
    expect(log.slice(6)).toEqual(['open whisper']);
  });

  it('knows what a model is without loading it again', async () => {
    const whisper = shelf.place('transcribe', opener('whisper'));
    const dense = shelf.place('embed', opener('dense'));
    expect(await whisper.identity()).toMatchObject({ name: 'whisper' });
    await dense.load();
    expect(await whisper.identity()).toMatchObject({ name: 'whisper' });
    expect(log).toEqual(['open whisper', 'close whisper', 'open dense']);
  });

  it('tries again after a failure, and closes only what was opened', async () => {
    let tries = 0;
    const whisper = shelf.place('transcribe', async () => {
      tries += 1;
      if (tries === 1) throw new Error('not pulled yet');
      return opener('whisper')();
    });
    await expect(whisper.load()).rejects.toThrow('not pulled yet');
    await whisper.load();
    await shelf.close();
    expect(log).toEqual(['open whisper', 'close whisper']);
  });
});
