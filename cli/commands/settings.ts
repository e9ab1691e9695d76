import { Option, type Command } from 'commander';
import type { RunAction } from '../context.ts';
import { EXIT } from '../exit-code.ts';

interface Flags {
  voiceprints?: 'on' | 'off';
  languageModelContexts?: 'on' | 'off';
}

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
    .addOption(
      new Option(
        '--language-model-contexts <state>',
        'let the language model situate each passage of a lecture that is ingested (it reads all of it: minutes to hours, or money); off uses headers',
      ).choices(['on', 'off']),
    )
    .action((flags: Flags, command: Command) =>
      run(command, async ({ connect, output }) => {
        const api = await connect();
        const change = Object.fromEntries(Object.entries(flags).map(([name, state]) => [name, state === 'on']));
        const settings = await (Object.keys(change).length === 0 ? api.getSettings() : api.changeSettings(change));
        output.document(settings);
        output.line(`voiceprints              ${settings.voiceprints ? 'on' : 'off'}`);
        output.line(`language model contexts  ${settings.languageModelContexts ? 'on' : 'off'}`);
        return EXIT.ok;
      }),
    );
}
