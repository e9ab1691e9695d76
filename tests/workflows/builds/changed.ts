import type { IngestInput, IngestResult } from '../../../contracts/ingest.ts';
import { ingestLecture as today } from '../../../workflows/ingest-lecture.ts';
import { discardGeneration } from '../../../workflows/retry-policies.ts';

/** A next build that does something first: no history of today's replays on it. */
export async function ingestLecture(input: IngestInput): Promise<IngestResult> {
  const { tenantId, lectureId } = input;
  await discardGeneration({ tenantId, lectureId, generation: 'done first' });
  return today(input);
}
