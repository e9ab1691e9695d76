/**
 * `npm run -s eval -- speech FOLDER` and `npm run -s eval -- ingest`: what Lectern's speech chain and its stack achieve here.
 * Progress goes to stderr; stdout gets one JSON document, last.
 */
import { Command } from 'commander';
import { parseConfig } from '../contracts/config.ts';
import { toLecternError } from '../contracts/errors.ts';
import { describeMeasurement, measureIngest } from './ingest/measure-ingest.ts';

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

const program = new Command('eval').description('Measures Lectern on recordings.');
program
  .command('speech')
  .description('word and diarization error rates on a folder with a manifest.jsonl')
  .argument('<folder>')
  .option('--only <text>', 'only files whose path contains this')
  .option('--baseline <file>', 'result of speech/faster_whisper_baseline.py on the same folder, scored beside ours')
  .action((folder: string, options: { only?: string; baseline?: string }) =>
    report(async () => {
      // Only here: the process that measures an ingest counts as part of the stack, and is not to hold the engines.
      const { evaluateSpeech } = await import('./speech/evaluate-speech.ts');
      return evaluateSpeech(folder, { ...options, config: parseConfig(process.env), note });
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
await program.parseAsync();
