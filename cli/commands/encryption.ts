import type { Command } from 'commander';
import type { RunAction } from '../context.ts';
import { rotateMasterKey } from '../embedded/rotate-master-key.ts';
import { EXIT } from '../exit-code.ts';

/** Works on the store itself (LECTERN_DATA, or MINIO_URL), with the master keys of this machine's configuration. */
export function addEncryptionCommand(program: Command, run: RunAction): void {
  const encryption = program
    .command('encryption')
    .description('keys of encryption; works on the object store of this machine’s configuration');
  encryption
    .command('rotate-master')
    .description('wrap every tenant’s key by the first key of LECTERN_MASTER_KEY; the others open what they wrapped')
    .action((_: unknown, command: Command) =>
      run(command, async ({ config, output }) => {
        const { masterKeyId, rewrapped, keys } = await rotateMasterKey(config);
        output.document({ masterKeyId, rewrapped, keys });
        output.line(`${rewrapped} of ${keys} tenants’ keys wrapped anew; all are under the master key ${masterKeyId}`);
        output.note(
          'The old master key is needed for old backups only: take it out of LECTERN_MASTER_KEY once every process has the new one.',
        );
        return EXIT.ok;
      }),
    );
}
