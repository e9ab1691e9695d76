import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { ApiDeps } from './dependencies.ts';

const LOOK_EVERY_MS = 60_000;

type UnpublishedDeps = Pick<ApiDeps, 'objects' | 'publications'> & { keys: Pick<ApiDeps['keys'], 'unpublishedPrefix' | 'unpublishedKey'> };

/**
 * Notes that a lecture has a revision that Temporal must hear of, before the revision is written. An edit that was acknowledged is
 * published even where the API dies, or Temporal is away, right after: by `publishLeftBehind`.
 */
export async function noteUnpublished({ objects, keys }: Omit<UnpublishedDeps, 'publications'>, tenantId: TenantId, lectureId: LectureId) {
  await objects.put(keys.unpublishedKey(tenantId, lectureId), Buffer.from('{}'), { contentType: 'application/json' });
}

/** Hands a lecture over to Temporal, which forgets nothing: the note has done its service. */
export async function handOver({ objects, keys, publications }: UnpublishedDeps, tenantId: TenantId, lectureId: LectureId): Promise<void> {
  await publications.start(tenantId, lectureId);
  await objects.delete(keys.unpublishedKey(tenantId, lectureId));
}

/** Looks once a minute for edits that Temporal has not heard of; returns how to stop. */
export function startPublishing(deps: UnpublishedDeps & Pick<ApiDeps, 'logger'>, listTenants: () => Promise<Iterable<TenantId>>) {
  const run = async (): Promise<void> => {
    try {
      const started = await publishLeftBehind(deps, await listTenants());
      if (started > 0) deps.logger.info({ started }, 'edits that waited for Temporal are being published');
    } catch (error) {
      deps.logger.warn({ err: error }, 'edits that wait for Temporal could not be published yet');
    }
  };
  void run();
  const timer = setInterval(() => void run(), LOOK_EVERY_MS);
  return async (): Promise<void> => clearInterval(timer);
}

/** Starts what edits left to do while Temporal was away; returns how many. A lecture that is gone publishes nothing. */
export async function publishLeftBehind(deps: UnpublishedDeps, tenants: Iterable<TenantId>): Promise<number> {
  let started = 0;
  for (const tenantId of tenants) {
    const prefix = deps.keys.unpublishedPrefix(tenantId);
    for await (const { key } of deps.objects.list(prefix)) {
      await handOver(deps, tenantId, key.slice(prefix.length).replace(/\.json$/, ''));
      started += 1;
    }
  }
  return started;
}
