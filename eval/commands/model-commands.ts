import { Option, type Command } from 'commander';
import { parseConfig } from '../../contracts/config.ts';
import { note, report } from './report.ts';

/** What models, vocabularies and voices are worth. */
export function addModelCommands(program: Command): void {
  program
    .command('models')
    .description('word error rate and time of speech models on a folder with a manifest.jsonl, one after another')
    .argument('<folder>')
    .argument('<model...>', 'names of `lectern models list`, or folders')
    .option('--only <text>', 'only files whose path contains this', '')
    .action((folder: string, models: string[], { only }: { only: string }) =>
      report(async () => {
        const { measureModels } = await import('../models/measure-models.ts');
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
        const { measureCuda } = await import('../cuda/measure-cuda.ts');
        return measureCuda(folder, { ...options, config: parseConfig(process.env), note });
      }),
    );
  program
    .command('vocabulary')
    .description("what a course's vocabulary gains and costs: terms found and invented, and word error rates, with and without")
    .argument('<folder>')
    .option('--only <texts...>', 'only files whose path contains one of these')
    .action((folder: string, { only = [] }: { only?: string[] }) =>
      report(async () => {
        const { measureVocabulary } = await import('../vocabulary/measure-vocabulary.ts');
        return measureVocabulary(folder, { config: parseConfig(process.env), note, only });
      }),
    );
  program
    .command('voices')
    .description('how well voices tell people apart across sittings, on a folder with a manifest.jsonl')
    .argument('<folder>')
    .action((folder: string) =>
      report(async () => {
        const { evaluateVoices } = await import('../voices/evaluate-voices.ts');
        return evaluateVoices(folder, parseConfig(process.env), note);
      }),
    );
}
