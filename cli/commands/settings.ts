import { Option, type Command } from 'commander';
import { LecternError } from '../../contracts/errors.ts';
import { TenantSettingsChangeSchema, type TenantSettings, type TenantSettingsChange } from '../../contracts/tenant-settings.ts';
import type { RunAction } from '../context.ts';
import { EXIT } from '../exit-code.ts';

interface Flags {
  voiceprints?: 'on' | 'off';
  languageModelContexts?: 'on' | 'off';
  retentionDays?: string;
  languages?: string[];
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
    .option('--retention-days <days>', 'delete lectures so many days after their upload; none: keep them')
    .option('--languages <code...>', 'languages that may be given with an upload; none: all')
    .action((flags: Flags, command: Command) =>
      run(command, async ({ connect, output }) => {
        const change = toChange(flags);
        const api = await connect();
        const settings = await (Object.keys(flags).length === 0 ? api.getSettings() : api.changeSettings(change));
        output.document(settings);
        for (const line of describe(settings)) output.line(line);
        return EXIT.ok;
      }),
    );
}

function toChange({ voiceprints, languageModelContexts, retentionDays, languages }: Flags): TenantSettingsChange {
  const change = TenantSettingsChangeSchema.safeParse({
    ...(voiceprints === undefined ? {} : { voiceprints: voiceprints === 'on' }),
    ...(languageModelContexts === undefined ? {} : { languageModelContexts: languageModelContexts === 'on' }),
    ...(retentionDays === undefined ? {} : { retentionDays: retentionDays === 'none' ? null : Number(retentionDays) }),
    ...(languages === undefined ? {} : { languages: languages[0] === 'none' ? null : languages }),
  });
  if (change.success) return change.data;
  const [issue] = change.error.issues;
  throw new LecternError('invalid-input', `${issue?.path.join('.') ?? 'settings'}: ${issue?.message ?? 'not valid'}`);
}

function describe({ voiceprints, languageModelContexts, retentionDays, languages, quotas }: TenantSettings): string[] {
  const limits = Object.entries(quotas).map(([name, limit]) => `${name} ${limit}`);
  return [
    `voiceprints              ${voiceprints ? 'on' : 'off'}`,
    `language model contexts  ${languageModelContexts ? 'on' : 'off'}`,
    `retention                ${retentionDays === undefined ? 'lectures are kept' : `${retentionDays} days`}`,
    `languages                ${languages?.join(', ') ?? 'all'}`,
    `quotas                   ${limits.length === 0 ? 'none' : limits.join(', ')}`,
  ];
}
