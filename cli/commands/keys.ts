import { Option, type Command } from 'commander';
import { NewApiKeySchema, type ApiKey } from '../../contracts/api-keys.ts';
import { TenantIdSchema } from '../../contracts/identity.ts';
import { LecternError } from '../../contracts/errors.ts';
import { ROLES, SCOPES } from '../../contracts/roles.ts';
import type { CliContext, RunAction } from '../context.ts';
import { withApiKeys } from '../embedded/open-api-keys.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { formatTable } from '../output.ts';

interface CreateOptions {
  tenant: string;
  name: string;
  role: string;
  scopes?: string[];
  expires?: string;
}

/** Works on the store itself (LECTERN_DATA, or MINIO_URL), beside the API: the first key must come from somewhere. */
export function addKeysCommand(program: Command, run: RunAction): void {
  const keys = program
    .command('keys')
    .description('API keys, each of one tenant; works on the object store of this machine’s configuration');
  keys
    .command('create')
    .description('make a key; it is shown this once')
    .requiredOption('--tenant <id>', 'whose key: lower-case letters, digits and hyphens')
    .option('--name <text>', 'what to call it; two keys of a name may live at once', 'unnamed')
    .addOption(new Option('--role <role>', 'whom it is for').choices(ROLES).default('admin'))
    .addOption(new Option('--scopes <scope...>', 'fewer rights than the role has').choices(SCOPES))
    .option('--expires <time>', 'when it ends by itself, as 2027-03-31T00:00:00Z')
    .action((options: CreateOptions, command: Command) => run(command, (context) => create(context, options)));
  keys
    .command('rotate')
    .description('make a second key of the same name, role and scopes; revoke the first when nothing uses it any more')
    .argument('<key-id>', 'as `lectern keys list` names it')
    .action((id: string, _: unknown, command: Command) =>
      run(command, async (context) => tellKey(context, await withApiKeys(context.config, (apiKeys) => apiKeys.rotate(id)))),
    );
  keys
    .command('revoke')
    .description('make a key worthless, at once and for good')
    .argument('<key-id>', 'as `lectern keys list` names it')
    .action((id: string, _: unknown, command: Command) =>
      run(command, async ({ config, output }) => {
        const { tenantId, revokedAt } = await withApiKeys(config, (apiKeys) => apiKeys.revoke(id));
        output.document({ id, tenantId, revokedAt });
        output.line(`${id}: revoked`);
        return EXIT.ok;
      }),
    );
  keys
    .command('list')
    .description('keys by id, without the keys themselves')
    .option('--tenant <id>', 'of this tenant only')
    .action(({ tenant }: { tenant?: string }, command: Command) => run(command, (context) => list(context, tenant)));
}

async function create(context: CliContext, { tenant, name, role, scopes, expires }: CreateOptions): Promise<ExitCode> {
  const tenantId = TenantIdSchema.safeParse(tenant);
  if (!tenantId.success) throw new LecternError('invalid-input', `tenant: ${tenantId.error.issues[0]?.message ?? 'not valid'}`);
  const wanted = NewApiKeySchema.safeParse({ name, role, scopes, expiresAt: expires });
  if (!wanted.success) {
    const [issue] = wanted.error.issues;
    throw new LecternError('invalid-input', `${issue?.path.join('.') ?? 'key'}: ${issue?.message ?? 'not valid'}`);
  }
  return tellKey(context, await withApiKeys(context.config, (apiKeys) => apiKeys.create(tenantId.data, wanted.data)));
}

function tellKey({ output }: CliContext, { key, apiKey }: { key: string; apiKey: ApiKey }): ExitCode {
  const { id, tenantId, name, role } = apiKey;
  output.document({ key, id, tenantId, name, role });
  output.line(key);
  output.note(`key ${id} of ${tenantId}, role ${role}: keep it now, it is not shown again`);
  return EXIT.ok;
}

async function list({ config, output }: CliContext, tenant: string | undefined): Promise<ExitCode> {
  const found = await withApiKeys(config, (apiKeys) => apiKeys.list(tenant));
  output.document({ keys: found });
  const rows = found.map((key) => [key.id, key.tenantId, key.role, key.prefix, key.createdAt, key.revokedAt ?? '', key.name]);
  const table = formatTable(['ID', 'TENANT', 'ROLE', 'STARTS WITH', 'CREATED', 'REVOKED', 'NAME'], rows);
  output.line(rows.length === 0 ? 'no keys yet' : table);
  return EXIT.ok;
}
