import { expect, it } from 'vitest';
import { toRunIdentity } from './correlation.ts';
import { ingestWorkflowId, toJobId } from './identity.ts';

const LECTURE = 'lec_0123456789abcdef01234567';
const RUN = '00000000-0000-4000-8000-000000000000';

it('names tenant, lecture and job of an ingest as the API does', () => {
  expect(toRunIdentity(ingestWorkflowId('demo', LECTURE), RUN)).toEqual({
    tenantId: 'demo',
    lectureId: LECTURE,
    jobId: toJobId(LECTURE, RUN),
  });
});

it('names the run alone where it is of no lecture', () => {
  expect(toRunIdentity('demo/reindex/2026W', RUN)).toEqual({ tenantId: 'demo', jobId: RUN });
  expect(toRunIdentity('demo/erase', RUN)).toEqual({ tenantId: 'demo', jobId: RUN });
});
