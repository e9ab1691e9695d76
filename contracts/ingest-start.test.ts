import { describe, expect, it } from 'vitest';
import { toIngestStartOptions } from './ingest-start.ts';
import type { IngestInput } from './ingest.ts';

const input: IngestInput = {
  tenantId: 'demo',
  lectureId: 'lec_0123456789abcdef01234567',
  media: { key: 'tenants/demo/lectures/lec_0123456789abcdef01234567/media/original', sha256: 'a'.repeat(64), bytes: 12 },
  options: { priority: 'high' },
};

describe('toIngestStartOptions', () => {
  it('keeps the writers of a lecture in line by its workflow id', () => {
    const options = toIngestStartOptions(input, {});
    expect(options.workflowId).toBe('demo/lec_0123456789abcdef01234567/ingest');
    expect(options.workflowIdConflictPolicy).toBe('USE_EXISTING');
  });

  it('sends priority and the tenant as fairness key', () => {
    expect(toIngestStartOptions(input, {}).priority).toEqual({ priorityKey: 1, fairnessKey: 'demo' });
  });

  it('carries no title into Temporal and leaves absent attributes out', () => {
    const options = toIngestStartOptions(input, { title: 'Dr. Miller on grief', course: 'PSY-1' });
    expect(JSON.stringify(options)).not.toContain('Miller');
    expect(options.typedSearchAttributes.map((pair) => pair.key.name)).toEqual([
      'LecternTenant',
      'LecternLecture',
      'LecternCourse',
      'LecternPriority',
      'LecternStage',
    ]);
  });
});
