import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Erasure } from '../../contracts/erasure.ts';
import { LecternError } from '../../contracts/errors.ts';
import { TenantIdSchema, type TenantId } from '../../contracts/identity.ts';
import type { TenantView } from '../../contracts/tenants.ts';
import type { CliContext, RunAction } from '../context.ts';
import { withTenants } from '../embedded/open-tenants.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { formatTable } from '../output.ts';
import { addConfigurationOptions, toConfiguration, type ConfigurationFlags } from './tenant-configuration.ts';
import { addTenantDataCommands } from './tenant-data.ts';

const POLL_MS = 2_000;

/** Of the whole installation: works on its stores, beside the API. What belongs to one tenant goes through the API with its key. */
export function addTenantsCommand(program: Command, run: RunAction): void {
  const tenants = program
    .command('tenants')
    .description('tenants with their settings, quotas and ends; create, list, show, configure and erase work on the stores themselves');
  addConfigurationOptions(
    tenants
      .command('create')
      .description('make a tenant and its first API key, an admin’s, which is shown this once')
      .argument('<tenant>', 'lower-case letters, digits and hyphens'),
  ).action((tenant: string, flags: ConfigurationFlags, command: Command) => run(command, (context) => create(context, tenant, flags)));
  tenants
    .command('list')
    .description('tenants that have a key or a lecture')
    .action((_: unknown, command: Command) => run(command, list));
  tenants
    .command('show')
    .description('settings, quotas, what is used of them, and the proof of an erasure')
    .argument('<tenant>')
    .action((tenant: string, _: unknown, command: Command) => run(command, (context) => show(context, tenant)));
  addConfigurationOptions(tenants.command('configure').description('change what is named').argument('<tenant>')).action(
    (tenant: string, flags: ConfigurationFlags, command: Command) => run(command, (context) => configure(context, tenant, flags)),
  );
  tenants
    .command('erase')
    .description('erase a tenant from every store, for good; needs Temporal and a worker')
    .argument('<tenant>')
    .requiredOption('--confirm <tenant>', 'the same id again')
    .action((tenant: string, { confirm }: { confirm: string }, command: Command) =>
      run(command, (context) => erase(context, tenant, confirm)),
    );
  addTenantDataCommands(tenants, run);
}

async function create({ config, output }: CliContext, tenant: string, flags: ConfigurationFlags): Promise<ExitCode> {
  const tenantId = parseTenantId(tenant);
  const change = toConfiguration(flags);
  const { key, apiKey } = await withTenants(config, async (tenants) => {
    if ((await tenants.list()).includes(tenantId)) {
      throw new LecternError('conflict', `there is a tenant ${tenantId}`, { cure: 'Change it with `lectern tenants configure`.' });
    }
    await refuseWhileErased(tenants, tenantId);
    await tenants.settings.update(tenantId, change);
    return tenants.apiKeys.create(tenantId, { name: 'first admin', role: 'admin' });
  });
  output.document({ tenantId, key, keyId: apiKey.id });
  output.line(key);
  output.note(`tenant ${tenantId} with key ${apiKey.id}, role admin: keep it now, it is not shown again`);
  return EXIT.ok;
}

async function list({ config, output }: CliContext): Promise<ExitCode> {
  const views = await withTenants(config, async (tenants) => {
    const shown: TenantView[] = [];
    for (const tenantId of await tenants.list()) shown.push(await tenants.show(tenantId));
    return shown;
  });
  output.document({ tenants: views });
  const rows = views.map(({ tenantId, usage, erasure }) => [
    tenantId,
    String(usage.lectures),
    String(usage.bytes),
    erasure !== undefined && erasure.finishedAt === undefined ? 'is being erased' : '',
  ]);
  output.line(rows.length === 0 ? 'no tenants yet' : formatTable(['TENANT', 'LECTURES', 'BYTES', ''], rows));
  return EXIT.ok;
}

async function show({ config, output }: CliContext, tenant: string): Promise<ExitCode> {
  const tenantId = parseTenantId(tenant);
  const view = await withTenants(config, async (tenants) => {
    const found = await tenants.show(tenantId);
    if (found.erasure === undefined && !(await tenants.list()).includes(tenantId)) {
      throw new LecternError('not-found', `there is no tenant ${tenantId}`, { cure: 'See `lectern tenants list`.' });
    }
    return found;
  });
  output.document(view);
  output.line(JSON.stringify(view, null, 2));
  return EXIT.ok;
}

async function configure({ config, output }: CliContext, tenant: string, flags: ConfigurationFlags): Promise<ExitCode> {
  const tenantId = parseTenantId(tenant);
  const settings = await withTenants(config, async (tenants) => {
    await refuseWhileErased(tenants, tenantId);
    return tenants.settings.update(tenantId, toConfiguration(flags));
  });
  output.document(settings);
  output.line(JSON.stringify(settings, null, 2));
  return EXIT.ok;
}

async function erase({ config, output, signal }: CliContext, tenant: string, confirm: string): Promise<ExitCode> {
  const tenantId = parseTenantId(tenant);
  if (confirm !== tenantId) {
    throw new LecternError('invalid-input', `--confirm names ${confirm}, not ${tenantId}`, { cure: 'Give the id of the tenant twice.' });
  }
  const erasure = await withTenants(config, async (tenants) => {
    await tenants.startErasure(tenantId);
    output.note(`erasing ${tenantId}: it goes on without this command; \`lectern tenants show ${tenantId}\` tells its end`);
    return untilErased(() => tenants.erasures.get(tenantId), signal);
  });
  output.document({ tenantId, ...erasure });
  output.line(`${tenantId}: erased in ${erasure.rounds ?? 0} rounds; a scan of every store found nothing`);
  output.line(JSON.stringify({ removed: erasure.removed, scan: erasure.scan }, null, 2));
  return EXIT.ok;
}

async function untilErased(read: () => Promise<Erasure | undefined>, signal: AbortSignal): Promise<Erasure> {
  for (;;) {
    const erasure = await read();
    if (erasure?.finishedAt !== undefined) return erasure;
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function refuseWhileErased(
  { erasures }: { erasures: { get(id: TenantId): Promise<Erasure | undefined> } },
  tenantId: TenantId,
): Promise<void> {
  const erasure = await erasures.get(tenantId);
  if (erasure === undefined || erasure.finishedAt !== undefined) return;
  throw new LecternError('conflict', `${tenantId} is being erased`, { cure: 'Wait until `lectern tenants show` tells its end.' });
}

function parseTenantId(tenant: string): TenantId {
  const tenantId = TenantIdSchema.safeParse(tenant);
  if (tenantId.success) return tenantId.data;
  throw new LecternError('invalid-input', `tenant: ${tenantId.error.issues[0]?.message ?? 'not valid'}`);
}
