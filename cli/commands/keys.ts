import type { Command } from 'commander';
import { TenantIdSchema } from '../../contracts/identity.ts';
import { LecternError } from '../../contracts/errors.ts';
import type { RunAction } from '../context.ts';
import { withApiKeys } from '../embedded/open-api-keys.ts';
import { EXIT } from '../exit-code.ts';
import { formatTable } from '../output.ts';

/** Works on the store itself (LECTERN_DATA, or MINIO_URL), beside the API: the first key must come from somewhere. */
export function addKeysCommand(program: Command, run: RunAction): void {
  const keys = program
    .command('keys')
    .description('API keys, each of one tenant; works on the object store of this machine’s configuration');
  keys
    .command('create')
    .description('make a key; it is shown this once')
    .requiredOption('--tenant <id>', 'whose key: lower-case letters, digits and hyphens')
    .option('--name <text>', 'what to call it', 'unnamed')
    .action(({ tenant, name }: { tenant: string; name: string }, command: Command) =>
      run(command, async ({ config, output }) => {
        const tenantId = TenantIdSchema.safeParse(tenant);
        if (!tenantId.success) throw new LecternError('invalid-input', `tenant: ${tenantId.error.issues[0]?.message ?? 'not valid'}`);
        const { key, apiKey } = await withApiKeys(config, (apiKeys) => apiKeys.create(tenantId.data, name));
        output.document({ key, id: apiKey.id, tenantId: apiKey.tenantId, name: apiKey.name });
        output.line(key);
        output.note(`key ${apiKey.id} of ${apiKey.tenantId}: keep it now, it is not shown again`);
        return EXIT.ok;
      }),
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
    .action((_: unknown, command: Command) =>
      run(command, async ({ config, output }) => {
        const found = await withApiKeys(config, (apiKeys) => apiKeys.list());
        output.document({ keys: found.map(({ sha256: __, ...key }) => key) });
        const rows = found.map((key) => [key.id, key.tenantId, key.prefix, key.createdAt, key.revokedAt ?? '', key.name]);
        output.line(rows.length === 0 ? 'no keys yet' : formatTable(['ID', 'TENANT', 'STARTS WITH', 'CREATED', 'REVOKED', 'NAME'], rows));
        return EXIT.ok;
      }),
    );
}
