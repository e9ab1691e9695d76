import type { Logger } from 'pino';
import type { TenantId } from '../contracts/identity.ts';
import type { ApiDeps } from './dependencies.ts';
import { sweepResponses } from './idempotency.ts';
import { sweepUploads } from './sweep-uploads.ts';

const EVERY_MS = 3600 * 1000;

interface SweepingDeps extends Pick<ApiDeps, 'objects' | 'keys'> {
  logger: Logger;
  sessions: { sweep(): Promise<number> };
}

/** Removes uploads left behind, responses that nobody asks for again and sessions that are over, now and every hour; returns how to stop. */
export function startSweeping(deps: SweepingDeps, listTenants: () => Promise<Set<TenantId>>): () => Promise<void> {
  const sweep = async (): Promise<void> => {
    try {
      const [tenants, now] = [await listTenants(), Date.now()];
      const uploads = await sweepUploads(deps, tenants, now);
      const responses = await sweepResponses(deps, tenants, now);
      const sessions = await deps.sessions.sweep();
      if (uploads + responses + sessions > 0) deps.logger.info({ uploads, responses, sessions }, 'swept what was left behind');
    } catch (error) {
      deps.logger.warn({ err: error }, 'what is left behind could not be swept');
    }
  };
  void sweep();
  const timer = setInterval(() => void sweep(), EVERY_MS);
  return async () => clearInterval(timer);
}
