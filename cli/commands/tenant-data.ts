import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import type { CliContext, RunAction } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { formatTable } from '../output.ts';

/** What the tenant of the API key does with its own: takes it along, and lets go of what is old. */
export function addTenantDataCommands(tenants: Command, run: RunAction): void {
  tenants
    .command('export')
    .description('write lectures, transcripts and settings of the API key’s tenant to a tar archive, with a manifest of SHA-256')
    .argument('<file>', 'where to, as tenant.tar')
    .option('--originals', 'with the recordings as they were uploaded')
    .option('--voiceprints', 'with the voiceprints: biometric data')
    .action((file: string, flags: ExportFlags, command: Command) => run(command, (context) => exportTo(context, file, flags)));
  tenants
    .command('retention')
    .description('delete lectures that are older than the API key’s tenant keeps them, now instead of within the hour')
    .option('--dry-run', 'only tell which')
    .action(({ dryRun }: { dryRun?: true }, command: Command) => run(command, (context) => applyRetention(context, dryRun === true)));
}

interface ExportFlags {
  originals?: true;
  voiceprints?: true;
}

async function exportTo({ connect, output }: CliContext, file: string, flags: ExportFlags): Promise<ExitCode> {
  const api = await connect();
  const archive = await api.exportTenant({ originals: flags.originals === true, voiceprints: flags.voiceprints === true });
  // A half of an archive must not look like one.
  const partial = `${file}.part`;
  try {
    await pipeline(archive, createWriteStream(partial));
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
  const { size } = await stat(file);
  output.document({ file, bytes: size });
  output.line(`${file}: ${size} bytes`);
  return EXIT.ok;
}

async function applyRetention({ connect, output }: CliContext, isDryRun: boolean): Promise<ExitCode> {
  const api = await connect();
  const retention = await (isDryRun ? api.previewRetention() : api.runRetention());
  output.document(retention);
  if (retention.retentionDays === null) output.line('this tenant keeps lectures: there is no retention');
  else if (retention.expired.length === 0) output.line(`no lecture is older than ${retention.retentionDays} days`);
  else {
    const rows = retention.expired.map(({ lectureId, createdAt }) => [lectureId, createdAt]);
    output.line(formatTable([isDryRun ? 'WOULD BE DELETED' : 'DELETED', 'UPLOADED'], rows));
  }
  return EXIT.ok;
}
