import { Option, type Command } from 'commander';
import { parseConfig } from '../../contracts/config.ts';
import { PEER_NAMES } from '../speech/against/peer.ts';
import { givenCommand, note, parseCount, report } from './report.ts';

// What a command needs is imported when it runs: an ingest is measured in this process tree too, which shall not hold the models' code.

/** What a recording becomes: words, times, speakers. */
export function addSpeechCommands(program: Command): void {
  program
    .command('speech')
    .description('word and diarization error rates on a folder with a manifest.jsonl')
    .argument('<folder>')
    .option('--only <texts...>', 'only files whose path contains one of these (after the folder)')
    .addOption(new Option('--against <peers...>', 'run these beside, one after another, turn by turn').choices(PEER_NAMES))
    .option('--rounds <count>', 'how often each side runs then', '5')
    .option('--align', 'measure word times where the data tells none, against a forced alignment by pocketsphinx')
    .option('--report <folder>', 'write the figures there as Markdown, JSON and a plot')
    .action((folder: string, options: { only?: string[]; against?: string[]; rounds: string; align?: boolean; report?: string }) =>
      report(async () => {
        const { evaluateSpeech } = await import('../speech/evaluate-speech.ts');
        const evaluation = await evaluateSpeech(folder, {
          ...options,
          rounds: parseCount('--rounds', options.rounds),
          config: parseConfig(process.env),
          note,
        });
        if (options.report !== undefined) {
          const { writeReport } = await import('../speech/report/write-report.ts');
          note(`report: ${await writeReport(options.report, evaluation, givenCommand())}.md`);
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
        const { measureLong } = await import('../speech/long/measure-long.ts');
        const { describeLong } = await import('../speech/long/describe-long.ts');
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
        const { measureCalls } = await import('../speech/calls/measure-calls.ts');
        return measureCalls(folder, parseConfig(process.env), note);
      }),
    );
  program
    .command('speech-job', { hidden: true })
    .description("Lectern's side of a comparison, as `speech --against` starts it")
    .argument('<job>')
    .action((job: string) =>
      report(async () => {
        const { runLecternJob } = await import('../speech/against/lectern-job.ts');
        return runLecternJob(job, parseConfig(process.env), note);
      }),
    );
}
