import type { Client } from '@temporalio/client';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import { PUBLISH_WORKFLOW, toPublishStartOptions } from '../contracts/publish-workflow.ts';
import { createTemporalCall } from './temporal-call.ts';

/** Brings the index to the newest revision of a lecture. Errors: `unavailable` (Temporal cannot be reached). */
export interface Publications {
  /** Starts a publication, or tells the one that runs that there is a newer revision: durable when it returns. */
  start(tenantId: TenantId, lectureId: LectureId): Promise<void>;
}

export function createPublications(client: Client): Publications {
  const call = createTemporalCall(client);
  return {
    async start(tenantId, lectureId) {
      await call(() => client.workflow.signalWithStart(PUBLISH_WORKFLOW, toPublishStartOptions({ tenantId, lectureId })));
    },
  };
}
