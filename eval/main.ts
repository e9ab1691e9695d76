/**
 * `npm run -s eval -- speech FOLDER`, `models FOLDER MODEL...` and `ingest`: what Lectern's speech chain and its stack achieve here.
 * Progress goes to stderr; stdout gets one JSON document, last.
 */
import { Command, Option } from 'commander';
import { parseConfig } from '../contracts/config.ts';
import { LecternError, toLecternError } from '../contracts/errors.ts';
import { describeMeasurement, measureIngest } from './ingest/measure-ingest.ts';
import type { DatasetName } from './retrieval/evaluate-retrieval.ts';
import { PEER_NAMES } from './speech/against/peer.ts';

const note = (line: string): void => void process.stderr.write(`${line}\n`);

async function report(work: () => Promise<unknown>): Promise<void> {
  try {
    process.stdout.write(`${JSON.stringify(await work(), null, 2)}\n`);
  } catch (error) {
    const { kind, message, cure, cause } = toLecternError(error);
    note(`${kind}: ${message}${cure === undefined ? '' : ` ${cure}`}`);
    if (kind === 'internal' && cause instanceof Error) note(cause.stack ?? '');
    process.exitCode = 1;
  }
}

function parseCount(option: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new LecternError('invalid-input', `${option} ${text} is not a whole number above 0`);
  return count;
}

interface RetrievalCommandOptions {
  dataset: DatasetName;
  questions?: string;
  only?: string[];
  tune?: boolean;
  report?: string;
}

const program = new Command('eval').description('Measures Lectern on recordings.');
program
  .command('speech')
  .description('word and diarization error rates on a folder with a manifest.jsonl')
  .argument('<folder>')
  .option('--only <text>', 'only files whose path contains this')
  .addOption(new Option('--against <peers...>', 'run these beside, one after another, turn by turn').choices(PEER_NAMES))
  .option('--rounds <count>', 'how often each side runs then', '5')
  .option('--align', 'measure word times where the data tells none, against a forced alignment by pocketsphinx')
  .option('--report <folder>', 'write the figures there as Markdown, JSON and a plot')
  .action((folder: string, options: { only?: string; against?: string[]; rounds: string; align?: boolean; report?: string }) =>
    report(async () => {
      // Imported here: an ingest is measured in this process tree too, which shall not hold the models' code as well.
      const { evaluateSpeech } = await import('./speech/evaluate-speech.ts');
      const evaluation = await evaluateSpeech(folder, {
        ...options,
        rounds: parseCount('--rounds', options.rounds),
        config: parseConfig(process.env),
        note,
      });
      if (options.report !== undefined) {
        const { writeReport } = await import('./speech/report/write-report.ts');
        note(`report: ${await writeReport(options.report, evaluation, `npm run eval -- ${process.argv.slice(2).join(' ')}`)}.md`);
      }
      return evaluation;
    }),
  );
program
  .command('long')
  .description('time, memory, seams and gaps of one long recording made of the English ones in a folder with a manifest.jsonl')
  .argument('<folder>')
  .option('--minutes <count>', 'how long it is', '180')
  .option('--seed <number>', 'what is in which order', '1')
  .action((folder: string, { minutes, seed }: { minutes: string; seed: string }) =>
    report(async () => {
      const { measureLong } = await import('./speech/long/measure-long.ts');
      const { describeLong } = await import('./speech/long/describe-long.ts');
      const config = parseConfig(process.env);
      const measured = await measureLong(folder, {
        config,
        note,
        minutes: parseCount('--minutes', minutes),
        seed: parseCount('--seed', seed),
      });
      for (const line of describeLong(measured)) note(line);
      return measured;
    }),
  );
program
  .command('calls')
  .description("calls with a channel each, made of a folder's readers: who spoke by channels and by voices, words mixed and by channel")
  .argument('<folder>')
  .action((folder: string) =>
    report(async () => {
      const { measureCalls } = await import('./speech/calls/measure-calls.ts');
      return measureCalls(folder, parseConfig(process.env), note);
    }),
  );
program
  .command('vocabulary')
  .description("what a course's vocabulary gains and costs: terms found and invented, and word error rates, with and without")
  .argument('<folder>')
  .option('--only <texts...>', 'only files whose path contains one of these')
  .action((folder: string, { only = [] }: { only?: string[] }) =>
    report(async () => {
      const { measureVocabulary } = await import('./vocabulary/measure-vocabulary.ts');
      return measureVocabulary(folder, { config: parseConfig(process.env), note, only });
    }),
  );
program
  .command('speech-job', { hidden: true })
  .description("Lectern's side of a comparison, as `speech --against` starts it")
  .argument('<job>')
  .action((job: string) =>
    report(async () => {
      const { runLecternJob } = await import('./speech/against/lectern-job.ts');
      return runLecternJob(job, parseConfig(process.env), note);
    }),
  );
program
  .command('models')
  .description('word error rate and time of speech models on a folder with a manifest.jsonl, one after another')
  .argument('<folder>')
  .argument('<model...>', 'names of `lectern models list`, or folders')
  .option('--only <text>', 'only files whose path contains this', '')
  .action((folder: string, models: string[], { only }: { only: string }) =>
    report(async () => {
      const { measureModels } = await import('./models/measure-models.ts');
      return measureModels(folder, { config: parseConfig(process.env), models, only, note });
    }),
  );
program
  .command('cuda')
  .description('words, time and memory of LECTERN_ASR_MODEL with its decoding loop on the device, on a folder with a manifest.jsonl')
  .argument('<folder>')
  .option('--only <text>', 'only files whose path contains this', '')
  .addOption(new Option('--provider <name>', 'cpu runs the same graphs without a card').choices(['cuda', 'cpu']).default('cuda'))
  .option('--beside', 'run int8 on the CPU as well, and count the words that differ', false)
  .action((folder: string, options: { only: string; provider: 'cuda' | 'cpu'; beside: boolean }) =>
    report(async () => {
      const { measureCuda } = await import('./cuda/measure-cuda.ts');
      return measureCuda(folder, { ...options, config: parseConfig(process.env), note });
    }),
  );
program
  .command('voices')
  .description('how well voices tell people apart across sittings, on a folder with a manifest.jsonl')
  .argument('<folder>')
  .action((folder: string) =>
    report(async () => {
      const { evaluateVoices } = await import('./voices/evaluate-voices.ts');
      return evaluateVoices(folder, parseConfig(process.env), note);
    }),
  );
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
      const command = `npm run eval -- ${process.argv.slice(2).join(' ')}`;
      if (tune === true) {
        const { tuneRetrieval, writeTuning } = await import('./retrieval/tune/tune-retrieval.ts');
        const tuning = await tuneRetrieval(path, given);
        if (options.report !== undefined) note(`report: ${await writeTuning(options.report, tuning, command)}`);
        return tuning;
      }
      const { evaluateRetrieval } = await import('./retrieval/evaluate-retrieval.ts');
      const evaluation = await evaluateRetrieval(path, given);
      if (options.report !== undefined) {
        const { writeRetrievalReport } = await import('./retrieval/report/write-retrieval-report.ts');
        note(`report: ${await writeRetrievalReport(options.report, evaluation, command)}.md`);
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
      const { evaluateChunking } = await import('./chunking/evaluate-chunking.ts');
      return evaluateChunking(folder, { config: parseConfig(process.env), note, meetings, only });
    }),
  );
program
  .command('ingest')
  .description('time and memory of an ingest by the embedded stack, once warm')
  .option('--minutes <count>', 'minutes of speech', '10')
  .action(({ minutes }: { minutes: string }) =>
    report(async () => {
      const measured = await measureIngest(Number(minutes), process.env, note);
      note(describeMeasurement(measured));
      return measured;
    }),
  );
program
  .command('answers')
  .description('what answers, citations and refusals are worth on the committed questions, over a folder that holds their recordings')
  .argument('[folder]', 'as eval/questions/recordings.jsonl names its files', '../shared/data')
  .option('--report <folder>', 'write the figures there as Markdown, JSON and a plot')
  .action((folder: string, options: { report?: string }) =>
    report(async () => {
      const { evaluateAnswers } = await import('./answers/evaluate-answers.ts');
      const evaluation = await evaluateAnswers(folder, { config: parseConfig(process.env), note });
      if (options.report !== undefined) {
        const { writeAnswersReport } = await import('./answers/report/write-answers-report.ts');
        note(`report: ${await writeAnswersReport(options.report, evaluation, `npm run eval -- ${process.argv.slice(2).join(' ')}`)}.md`);
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
      const { measureQueryLoad } = await import('./query-load/measure-query-load.ts');
      return measureQueryLoad({
        sizes: chunks.map((count) => parseCount('--chunks', count)),
        questions: parseCount('--questions', questions),
        environment: process.env,
        note,
      });
    }),
  );
await program.parseAsync();
