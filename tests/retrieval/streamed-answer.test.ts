import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LecternError } from '../../contracts/errors.ts';
import { QueryEventSchema, type Answer, type QueryEvent } from '../../contracts/query.ts';
import { toLanguageModel, type GenerateRequest, type LanguageModel } from '../../inference/language-model.ts';
import { markOf, modelThat, openSpokenLecture, type SpokenLecture } from './spoken-lecture.ts';

let lecture: SpokenLecture;

beforeAll(async () => {
  lecture = await openSpokenLecture();
});
afterAll(() => lecture.close());

async function ask(question: string, languageModel: LanguageModel): Promise<Answer> {
  const response = await lecture.serviceWith(languageModel).query('t', { question, limit: 3, filters: {}, answer: true });
  return response.answer!;
}

describe('a claim of a language model', () => {
  it('is marked where no passage found says so', async () => {
    const answer = await ask(
      'Where does the Calvin cycle fix carbon dioxide?',
      modelThat((request) => `It fixes carbon dioxide into sugar [${markOf(request, 'Calvin')}]. Mitochondria burn glucose.`),
    );
    expect(answer).toMatchObject({
      kind: 'generated',
      text: 'It fixes carbon dioxide into sugar [1]. Mitochondria burn glucose [?].',
      claims: [
        { text: 'It fixes carbon dioxide into sugar.', supported: true, citations: [1] },
        { text: 'Mitochondria burn glucose.', supported: false, citations: [] },
      ],
    });
  });

  it('gets the quote that says the same where the model left the mark out or set a wrong one', async () => {
    for (const mark of ['', ' [p77]']) {
      const answer = await ask(
        'What does the Calvin cycle fix?',
        modelThat(() => `The Calvin cycle fixes carbon dioxide into sugar${mark}.`),
      );
      expect(answer).toMatchObject({
        kind: 'generated',
        citations: [{ quote: 'The Calvin cycle fixes carbon dioxide into sugar.', startSeconds: 50 }],
      });
    }
  });
});

describe('a streamed answer', () => {
  /** Writes these pieces, and fails after them where it is told to. */
  function writing(pieces: (request: GenerateRequest) => string[], failure?: Error): LanguageModel {
    return toLanguageModel({
      name: 'test/model',
      health: () => Promise.resolve(),
      async *stream(request) {
        request.onModel?.('test/model');
        for (const piece of pieces(request)) yield piece;
        if (failure !== undefined) throw failure;
      },
    });
  }

  async function stream(model: LanguageModel): Promise<{ answer: Answer; events: QueryEvent[] }> {
    const events: QueryEvent[] = [];
    const request = { question: 'What does the Calvin cycle fix?', limit: 3, filters: {}, answer: true };
    const { answer } = await lecture.serviceWith(model).query('t', request, undefined, (event) => events.push(event));
    for (const event of events) QueryEventSchema.parse(event);
    return { answer: answer!, events };
  }

  const textOf = (events: readonly QueryEvent[]): string =>
    events.map((event) => (event.event === 'delta' ? event.data.text : '')).join('');

  it('tells hits, then each citation before the text that refers to it; the text adds up to the answer', async () => {
    const model = writing((request) => {
      const mark = markOf(request, 'Calvin');
      return ['Cosmic rays. The Calvin cycle fixes', ` carbon dioxide into sugar [${mark}`, `]. It happens in the`, ` stroma [${mark}].`];
    });
    const { answer, events } = await stream(model);
    expect(answer.text).toBe('Cosmic rays [?]. The Calvin cycle fixes carbon dioxide into sugar [1]. It happens in the stroma [2].');
    expect(events.map(({ event }) => event)).toEqual(['hits', 'citation', 'delta', 'citation', 'delta']);
    expect(textOf(events)).toBe(answer.text);
  });

  it('shows no text of an answer that comes to nothing', async () => {
    const { answer, events } = await stream(writing(() => ['Mitochondria burn', ' glucose [p1]. Or so.']));
    expect(answer.kind).toBe('extractive');
    expect(events.map(({ event }) => event)).toEqual(['hits']);
  });

  it('ends in the speakers’ own words, and says so, where the model breaks off', async () => {
    const model = writing(
      (request) => [`The Calvin cycle fixes carbon dioxide into sugar [${markOf(request, 'Calvin')}]. And`],
      new LecternError('unavailable', 'test/model broke off in mid-text'),
    );
    const { answer, events } = await stream(model);
    expect(textOf(events)).toBe('The Calvin cycle fixes carbon dioxide into sugar [1].');
    expect(answer).toMatchObject({ kind: 'extractive', model: null, notice: expect.stringContaining('broke off') });
  });
});

it('looks for a follow-up with what it leans on, and tells so', async () => {
  const history = [{ question: 'Where does the Calvin cycle happen?', answer: 'In the stroma.' }];
  const response = await lecture
    .serviceWith(null)
    .query('t', { question: 'What does it fix?', history, limit: 3, filters: {}, answer: true });
  expect(response.rewritten).toContain('calvin');
  expect(response.answer!.citations[0]!.quote).toContain('The Calvin cycle fixes carbon dioxide');
});
