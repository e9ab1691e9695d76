import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LEGS } from '../../../contracts/query.ts';
import { createLegs } from '../../../retrieval/legs.ts';
import { readQuestions, type RetrievalOptions } from '../evaluate-retrieval.ts';
import { mapInFlight } from '../map-in-flight.ts';
import { openParts } from '../open-parts.ts';
import { TENANT } from '../systems.ts';
import { tuneFusion, type FusionCase, type Tuning } from './tune-fusion.ts';

export interface RetrievalTuning extends Tuning {
  dataset: string;
}

/** Searches for the fusion's weights on one half of a data set's questions, drawn by a seed, and says what they do on the other. */
export async function tuneRetrieval(path: string, options: RetrievalOptions): Promise<RetrievalTuning> {
  const dataset = await readQuestions(path, options);
  const parts = await openParts(options.config, dataset, options.note);
  try {
    const legs = createLegs({ ...parts.kept, legs: LEGS });
    const cases = await mapInFlight(dataset.questions, async ({ text, relevant }): Promise<FusionCase> => {
      const lists = await legs.find(TENANT, await legs.encode(text), {});
      return { question: text, lists, relevance: relevant };
    });
    options.note(`${cases.length} questions: every second one chooses, the others judge`);
    return { dataset: dataset.name, ...tuneFusion(cases) };
  } finally {
    await parts.close();
  }
}

/** Writes `retrieval-tuning-<data set>.json` into `folder`; gives its path. */
export async function writeTuning(folder: string, tuning: RetrievalTuning, command: string): Promise<string> {
  const path = join(folder, `retrieval-tuning-${tuning.dataset}.json`);
  await mkdir(folder, { recursive: true });
  await writeFile(path, `${JSON.stringify({ command, date: new Date().toISOString().slice(0, 10), ...tuning }, null, 2)}\n`);
  return path;
}
