import type { Command } from 'commander';
import type { CliContext, RunAction } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';

interface EvalFlags {
  before?: string;
  save?: string;
}

const HELP = `
One question a line, as JSON:
  {"question": "What is a parity bit?", "ground_truth": "A bit that makes the count of ones even.",
   "ground_truth_contexts": [{"recording": "Error-correcting codes", "startSeconds": 96, "endSeconds": 105}],
   "answer_words": [["even"]], "speaker": "Prof. Gauss"}
ground_truth null: the lectures do not answer it. A context names a lecture by its id or title, or is the words said there.
All but question and ground_truth may be left out.`;

export function addEvalCommand(program: Command, run: RunAction): void {
  program
    .command('eval')
    .description('ask your own questions and measure answers, citations and refusals, before and after a change')
    .argument('<questions>', 'file of JSON lines')
    .option('--save <file>', 'keep the figures there, for a later --before')
    .option('--before <file>', 'compare with figures that were kept')
    .addHelpText('after', HELP)
    .action((path: string, flags: EvalFlags, command: Command) => run(command, (context) => evaluate(context, path, flags)));
}

async function evaluate({ connect, output, signal }: CliContext, path: string, flags: EvalFlags): Promise<ExitCode> {
  // As the demo does, this command measures, and with eval's own code. Imported here: a client that only asks shall not load it.
  const { describeOwnEvaluation, evaluateOwnQuestions } = await import('../../eval/answers/evaluate-own-questions.ts');
  const evaluation = await evaluateOwnQuestions(await connect(), path, {
    ...flags,
    onProgress(done, total) {
      signal.throwIfAborted();
      output.progress(`${done} of ${total} questions asked`, `${Math.floor((done / total) * 4) * 25} % of the questions asked`);
    },
  });
  output.document(evaluation);
  for (const line of describeOwnEvaluation(evaluation)) output.line(line);
  return EXIT.ok;
}
