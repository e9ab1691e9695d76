import { Option, type Command } from 'commander';
import { LecternError } from '../../contracts/errors.ts';
import { TenantConfigurationChangeSchema, type TenantConfigurationChange } from '../../contracts/tenant-settings.ts';

/** As given: a number, or `none`. */
export interface ConfigurationFlags {
  retentionDays?: string;
  languages?: string[];
  languageModelContexts?: 'on' | 'off';
  quotaLectures?: string;
  quotaBytes?: string;
  quotaUploadBytes?: string;
  quotaAudioMinutes?: string;
}

/** Adds what a tenant can be configured with. */
export function addConfigurationOptions(command: Command): Command {
  return command
    .option('--retention-days <days>', 'delete lectures so many days after their upload; none: keep them')
    .option('--languages <code...>', 'languages that may be given with an upload; none: all')
    .addOption(new Option('--language-model-contexts <state>', 'let a language model situate passages').choices(['on', 'off']))
    .option('--quota-lectures <n>', 'lectures at most; none: no limit')
    .option('--quota-bytes <n>', 'bytes of recordings at most')
    .option('--quota-upload-bytes <n>', 'bytes of one recording at most')
    .option('--quota-audio-minutes <n>', 'minutes of audio a calendar month at most');
}

/** Errors: `invalid-input`. */
export function toConfiguration(flags: ConfigurationFlags): TenantConfigurationChange {
  const { languages, languageModelContexts: contexts } = flags;
  const change = TenantConfigurationChangeSchema.safeParse({
    retentionDays: toNumber(flags.retentionDays),
    languages: languages?.[0] === 'none' ? null : languages,
    languageModelContexts: contexts === undefined ? undefined : contexts === 'on',
    quotas: {
      lectures: toNumber(flags.quotaLectures),
      bytes: toNumber(flags.quotaBytes),
      uploadBytes: toNumber(flags.quotaUploadBytes),
      audioMinutesPerMonth: toNumber(flags.quotaAudioMinutes),
    },
  });
  if (change.success) return change.data;
  const issues = change.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new LecternError('invalid-input', issues.join('; '), { cure: 'Give a whole number, or `none`.' });
}

function toNumber(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  return text === 'none' ? null : Number(text);
}
