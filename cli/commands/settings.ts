import { Option, type Command } from 'commander';
import type { RunAction } from '../context.ts';
import { EXIT } from '../exit-code.ts';

/** What the tenant of the API key has chosen. */
export function addSettingsCommand(program: Command, run: RunAction): void {
  program
    .command('settings')
    .description('show the settings of the tenant whose API key this is, or change them')
    .addOption(
      new Option(
        '--voiceprints <state>',
        'keep and compare voices (biometric data: ask the people first); off deletes every voice that was kept',
      ).choices(['on', 'off']),
    )
    .action(({ voiceprints }: { voiceprints?: 'on' | 'off' }, command: Command) =>
      run(command, async ({ connect, output }) => {
        const api = await connect();
        const settings = await (voiceprints === undefined ? api.getSettings() : api.changeSettings({ voiceprints: voiceprints === 'on' }));
        output.document(settings);
        output.line(`voiceprints  ${settings.voiceprints ? 'on' : 'off'}`);
        return EXIT.ok;
      }),
    );
}
