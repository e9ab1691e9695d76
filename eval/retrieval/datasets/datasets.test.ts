import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJsonl } from './jsonl.ts';
import { readQmsum } from './qmsum.ts';
import { readSquad } from './squad.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-datasets-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('readQmsum', () => {
  it('cuts ten turns a window and knows the windows that spans touch', async () => {
    const turns = Array.from({ length: 25 }, (_, turn) => ({ speaker: 'A', content: `turn ${turn} {disfmarker} , um` }));
    const spans = [
      ['8', '10'],
      ['24', '24'],
    ];
    const meetings = join(folder, 'meetings', 'val');
    await mkdir(meetings, { recursive: true });
    const query = { query: 'Why?', relevant_text_span: spans };
    await writeFile(join(meetings, 'M1.json'), JSON.stringify({ meeting_transcripts: turns, specific_query_list: [query] }));
    const { lectures, questions } = await readQmsum(join(folder, 'meetings'));
    const { passages } = lectures[0]!;
    expect(passages.map(({ text }) => text.split('\n').length)).toEqual([10, 10, 5]);
    expect(passages[0]!.text.split('\n')[1]).toBe('A: turn 1, um');
    expect(passages[1]!.startSeconds).toBe(passages[0]!.endSeconds);
    expect([...questions[0]!.relevant.keys()]).toEqual(passages.map(({ chunkId }) => chunkId));
  });

  it('says what is missing', async () => {
    await expect(readQmsum(join(folder, 'nowhere'))).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('readSquad', () => {
  it('makes a paragraph the one relevant passage of its questions', async () => {
    const qas = [{ id: 'q1', question: 'Who?' }];
    const path = await write('squad.json', {
      data: [
        {
          title: 'Some_one',
          paragraphs: [
            { context: 'One.', qas: [] },
            { context: 'Two.', qas },
          ],
        },
      ],
    });
    const { lectures, questions } = await readSquad('sample', path);
    expect(lectures[0]?.title).toBe('Some one');
    expect(questions).toMatchObject([{ id: 'q1', text: 'Who?', lectureId: lectures[0]!.lectureId }]);
    expect([...questions[0]!.relevant]).toEqual([[lectures[0]!.passages[1]!.chunkId, 1]]);
  });

  it('refuses what is not its layout', async () => {
    await expect(readSquad('sample', await write('odd.json', { data: 1 }))).rejects.toMatchObject({ kind: 'invalid-input' });
    await expect(readSquad('sample', await write('broken.json', '{'))).rejects.toMatchObject({ kind: 'invalid-input' });
  });
});

describe('readJsonl', () => {
  it('shares contexts between questions', async () => {
    const lines = [
      { question: 'First?', ground_truth: 'a', ground_truth_contexts: ['one', 'two'] },
      { question: 'Second?', ground_truth: 'b', ground_truth_contexts: ['two'] },
    ];
    const { lectures, questions } = await readJsonl(await write('own.jsonl', `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`));
    const [one, two] = lectures[0]!.passages;
    expect(lectures[0]!.passages.map(({ text }) => text)).toEqual(['one', 'two']);
    expect(questions.map(({ relevant }) => [...relevant.keys()])).toEqual([[one!.chunkId, two!.chunkId], [two!.chunkId]]);
  });

  it('names the line that is wrong', async () => {
    await expect(readJsonl(await write('bad.jsonl', '{"question":"x"}\n'))).rejects.toThrow(/bad\.jsonl:1/);
  });
});
