import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { plotBars } from '../../speech/report/bar-plot.ts';
import type { AnswersEvaluation } from '../evaluate-answers.ts';
import { MEASURES, toAnswersMarkdown } from './answers-markdown.ts';

/** Writes `answers.md`, `.json` and `.svg` into `folder`; gives their common path. No words of a recording are in them. */
export async function writeAnswersReport(folder: string, evaluation: AnswersEvaluation, command: string): Promise<string> {
  const path = join(folder, 'answers');
  const [first, ...others] = cpus();
  const machine = `${others.length + 1} x ${first?.model ?? 'unknown processor'}, Node ${process.versions.node}`;
  const context = { command, date: new Date().toISOString().slice(0, 10), machine };
  await mkdir(folder, { recursive: true });
  await writeFile(`${path}.svg`, plotBars(toPanels(evaluation)));
  await writeFile(`${path}.md`, toAnswersMarkdown(evaluation, { ...context, plot: 'answers.svg' }));
  await writeFile(`${path}.json`, `${JSON.stringify({ ...context, ...evaluation }, null, 2)}\n`);
  return path;
}

function toPanels({ dev, test }: AnswersEvaluation): Parameters<typeof plotBars>[0] {
  return Object.entries({ 'Held out questions': test, 'Questions that were tuned on': dev }).map(([title, rates]) => ({
    title: `${title}, with 95 % intervals`,
    unit: ' %',
    bars: MEASURES.flatMap(([name, label]) => {
      const { value, interval } = rates[name];
      const bounds = interval === null ? undefined : ([interval[0] * 100, interval[1] * 100] as const);
      return value === null ? [] : [{ label, value: value * 100, interval: bounds }];
    }),
  }));
}
