import type { DataConverter } from '@temporalio/common';
import type { RemoteCodec } from '../../api/routes/codec.ts';
import { LecternError } from '../../contracts/errors.ts';
import { ownerOf } from './payload-codec.ts';

/** `undefined` where encryption is off. */
export function createRemoteCodec(dataConverter: DataConverter | undefined, namespace: string): RemoteCodec | undefined {
  const codec = dataConverter?.payloadCodecs?.[0];
  if (codec === undefined) return undefined;
  return {
    async decode(payloads, tenantId) {
      const owners = payloads.map(ownerOf);
      if (tenantId !== null && owners.some((owner) => typeof owner === 'string' && owner !== tenantId)) {
        throw new LecternError('not-found', 'there is no such payload', { cure: 'Ask with a key of the tenant whose workflow this is.' });
      }
      return Promise.all(
        payloads.map(async (payload, index) => {
          if (tenantId !== null && owners[index] === null) return payload;
          const [decoded] = await codec.decode([payload]);
          return decoded ?? payload;
        }),
      );
    },
    encode: (payloads, tenantId) => codec.encode(payloads, { type: 'workflow', namespace, workflowId: `${tenantId}/codec` }),
  };
}
