import { Option, type Command } from 'commander';
import { parseConfig } from '../../contracts/config.ts';
import type { DatasetName } from '../retrieval/evaluate-retrieval.ts';
import { givenCommand, note, parseCount, report } from './report.ts';

interface RetrievalCommandOptions {
  dataset: DatasetName;
  questions?: string;
  only?: string[];
  tune?: boolean;
  report?: string;
}

/** What finds and answers. */
export function addRetrievalCommands(program: Command): void {
  program
    .command('retrieval')
    .description('ranking metrics and latencies of every leg and fusion on questions whose passages are known')
    .argument('<path>', 'file of the data set (qmsum: folder of meetings)')
    .addOption(new Option('--dataset <name>', 'its layout').choices(['spoken-squad', 'xquad', 'qmsum', 'jsonl']).makeOptionMandatory())
    .option('--questions <count>', 'only so many, drawn by a seed')
    .option('--only <systems...>', 'only these, beside bm25 and shipped (after the path)')
    .option('--tune', "search for the fusion's weights instead: one half of the questions chooses, the other judges")
    .option('--report <folder>', 'write the figures there as Markdown, JSON and a plot')
    .action((path: string, { questions, tune, ...options }: RetrievalCommandOptions) =>
      report(async () => {
        const count = questions === undefined ? {} : { questions: parseCount('--questions', questions) };
        const given = { ...options, ...count, config: parseConfig(process.env), note };
        if (tune === true) {
          const { tuneRetrieval, writeTuning } = await import('../retrieval/tune/tune-retrieval.ts');
          const tuning = await tuneRetrieval(path, given);
          if (options.report !== undefined) note(`report: ${await writeTuning(options.report, tuning, givenCommand())}`);
          return tuning;
        }
        const { evaluateRetrieval } = await import('../retrieval/evaluate-retrieval.ts');
        const evaluation = await evaluateRetrieval(path, given);
        if (options.report !== undefined) {
          const { writeRetrievalReport } = await import('../retrieval/report/write-retrieval-report.ts');
          note(`report: ${await writeRetrievalReport(options.report, evaluation, givenCommand())}.md`);
        }
        return evaluation;
      }),
    );
  program
    .command('chunking')
    .description('ways of cutting and situating passages side by side, judged by the words that answer, on a folder of QMSum')
    .argument('<folder>')
    .option('--meetings <names...>', 'only meetings whose name begins with one of these')
    .option('--only <systems...>', 'only these, beside the baseline')
    .action((folder: string, { meetings = [], only = [] }: { meetings?: string[]; only?: string[] }) =>
      report(async () => {
        const { evaluateChunking } = await import('../chunking/evaluate-chunking.ts');
        return evaluateChunking(folder, { config: parseConfig(process.env), note, meetings, only });
      }),
    );
  program
    .command('answers')
    .description('what answers, citations and refusals are worth on the committed questions, over a folder that holds their recordings')
    .argument('[folder]', 'as eval/questions/recordings.jsonl names its files', '../shared/data')
    .option('--report <folder>', 'write the figures there as Markdown, JSON and a plot')
    .action((folder: string, options: { report?: string }) =>
      report(async () => {
        const { evaluateAnswers } = await import('../answers/evaluate-answers.ts');
        const evaluation = await evaluateAnswers(folder, { config: parseConfig(process.env), note });
        if (options.report !== undefined) {
          const { writeAnswersReport } = await import('../answers/report/write-answers-report.ts');
          note(`report: ${await writeAnswersReport(options.report, evaluation, givenCommand())}.md`);
        }
        return evaluation;
      }),
    );
  program
    .command('query-load')
    .description('time and throughput of warm queries against the real API, on synthetic indexes')
    .option('--chunks <counts...>', 'sizes of the indexes', ['1000', '10000', '100000'])
    .option('--questions <count>', 'questions of each measurement', '300')
    .action(({ chunks, questions }: { chunks: string[]; questions: string }) =>
      report(async () => {
        const { measureQueryLoad } = await import('../query-load/measure-query-load.ts');
        return measureQueryLoad({
          sizes: chunks.map((count) => parseCount('--chunks', count)),
          questions: parseCount('--questions', questions),
          environment: process.env,
          note,
        });
      }),
    );
}
