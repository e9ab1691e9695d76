import type { Command } from 'commander';
import { note, parseCount, report } from './report.ts';

/** What encryption costs. */
export function addEncryptionCommand(program: Command): void {
  program
    .command('encryption')
    .description('what encryption costs: objects put and read, and ingests with models from a script, plain and encrypted in turns')
    .option('--megabytes <count>', 'size of the object', '200')
    .option('--rounds <count>', 'times each', '5')
    .option('--ingests <count>', 'ingests of each kind', '5')
    .action(({ megabytes, rounds, ingests }: Record<'megabytes' | 'rounds' | 'ingests', string>) =>
      report(async () => {
        const { measureEncryption } = await import('../encryption/measure-encryption.ts');
        const sizes = {
          megabytes: parseCount('--megabytes', megabytes),
          rounds: parseCount('--rounds', rounds),
          ingests: parseCount('--ingests', ingests),
        };
        return measureEncryption(sizes, note);
      }),
    );
}
