import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpeechEvaluation } from '../evaluate-speech.ts';
import { plotBars } from './bar-plot.ts';
import { describeMachine } from './describe-machine.ts';
import { listComparisons, toMarkdown } from './markdown.ts';
import { toPanels } from './plot-speech.ts';

/** Writes `speech.md`, `.json` and `.svg` (`speech-against-<peer>` with a comparison, `-and-<peer>` for each further one) into `folder`; gives their common path. */
export async function writeReport(folder: string, evaluation: SpeechEvaluation, command: string): Promise<string> {
  const peers = listComparisons(evaluation).map((against) => against.name);
  const name = peers.length === 0 ? 'speech' : `speech-against-${peers.join('-and-')}`;
  const path = join(folder, name);
  const context = { command, date: new Date().toISOString().slice(0, 10), machine: describeMachine(), plot: `${name}.svg` };
  await mkdir(folder, { recursive: true });
  await writeFile(`${path}.svg`, plotBars(toPanels(evaluation)));
  await writeFile(`${path}.md`, toMarkdown(evaluation, context));
  await writeFile(`${path}.json`, `${JSON.stringify({ ...context, ...withoutTexts(evaluation) }, null, 2)}\n`);
  return path;
}

/** What was heard stays out of the report: recordings may not be anybody's to publish. */
function withoutTexts(evaluation: SpeechEvaluation): object {
  return { ...evaluation, files: evaluation.files.map((file) => ({ ...file, text: undefined })) };
}
