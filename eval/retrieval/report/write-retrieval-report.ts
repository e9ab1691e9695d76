import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeMachine } from '../../speech/report/describe-machine.ts';
import { plotBars } from '../../speech/report/bar-plot.ts';
import type { RetrievalEvaluation } from '../evaluate-retrieval.ts';
import { toMarkdown } from './retrieval-markdown.ts';
import { toPanels } from './plot-retrieval.ts';

/** Writes `retrieval-<data set>.md`, `.json` and `.svg` into `folder`; gives their common path. */
export async function writeRetrievalReport(folder: string, evaluation: RetrievalEvaluation, command: string): Promise<string> {
  const name = `retrieval-${evaluation.dataset}`;
  const path = join(folder, name);
  const context = { command, date: new Date().toISOString().slice(0, 10), machine: describeMachine(), plot: `${name}.svg` };
  await mkdir(folder, { recursive: true });
  await writeFile(`${path}.svg`, plotBars(toPanels(evaluation)));
  await writeFile(`${path}.md`, toMarkdown(evaluation, context));
  await writeFile(`${path}.json`, `${JSON.stringify({ ...context, ...evaluation }, null, 2)}\n`);
  return path;
}
