import { z } from 'zod';
import { toLectureId, toPassage, type Dataset, type DatasetLecture, type DatasetQuestion } from './dataset.ts';
import { readJson } from './read-json.ts';

/** SQuAD 1.1's layout (Rajpurkar et al. 2016), which Spoken-SQuAD (Li et al. 2018) and XQuAD keep; only what is read here. */
const SquadSchema = z.object({
  data: z.array(
    z.object({
      title: z.string(),
      paragraphs: z.array(z.object({ context: z.string(), qas: z.array(z.object({ id: z.string(), question: z.string() })) })),
    }),
  ),
});

/** Paragraphs have no times of their own; these put them in order. */
const PARAGRAPH_SECONDS = 60;

/** An article is a lecture, a paragraph is a passage, and a question's own paragraph is its one relevant passage. */
export async function readSquad(name: string, path: string): Promise<Dataset> {
  const { data } = await readJson(path, SquadSchema);
  const questions: DatasetQuestion[] = [];
  const lectures = data.map(({ title, paragraphs }, article): DatasetLecture => {
    const lectureId = toLectureId(`${name}/${article}/${title}`);
    const passages = paragraphs.map(({ context, qas }, ordinal) => {
      const startSeconds = ordinal * PARAGRAPH_SECONDS;
      const passage = toPassage(lectureId, ordinal, { text: context, startSeconds, endSeconds: startSeconds + PARAGRAPH_SECONDS });
      for (const { id, question } of qas) questions.push({ id, text: question, lectureId, relevant: new Map([[passage.chunkId, 1]]) });
      return passage;
    });
    return { lectureId, title: title.replaceAll('_', ' '), passages };
  });
  return {
    name,
    lectures,
    questions,
    about: 'Passages are the paragraphs; the paragraph a question was asked of is its one relevant passage.',
  };
}
