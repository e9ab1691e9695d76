import { z } from 'zod';
import type { AlignResult, ArtifactRef, StageContext } from '../contracts/ingest.ts';
import { TranscriptSchema, type Transcript } from '../contracts/transcript.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import type { LectureStore } from '../storage/lectures.ts';
import { carryEdits } from '../transcript/carry-edits.ts';
import { readUnlessGone } from './read-unless-gone.ts';
import { runStage } from './run-stage.ts';

const VERSION = 1;

/** Artifact of `carryEdits`: how many edits found no place is kept beside the transcript itself. */
const CarriedSchema = z.object({ lost: z.int().min(0) });

interface Heard {
  artifact: ArtifactRef;
  reused: boolean;
  value: Transcript;
}

/**
 * What people read after an ingest. Of a lecture that nobody has edited, what the machine heard. Where it hears what it heard before, the
 * head revision; where it hears otherwise, that with the edits carried over, as far as they find a place.
 */
export async function keepEdits(
  { artifacts, lectures }: { artifacts: ArtifactStore; lectures: Pick<LectureStore, 'get'> },
  { tenantId, lectureId }: StageContext,
  { artifact: machine, reused, value: heard }: Heard,
  signal: AbortSignal,
): Promise<AlignResult> {
  const head = (await lectures.get(tenantId, lectureId))?.revision;
  if (head === undefined || head.transcript.digest === machine.digest) return { artifact: machine, reused, basis: { machine } };
  if (head.machine.digest === machine.digest) return { artifact: head.transcript, reused, basis: { machine } };
  // Only names were edited: they are not in the transcript.
  if (head.transcript.digest === head.machine.digest) {
    return { artifact: machine, reused, basis: { machine, carried: { from: head.transcript.digest, lost: 0 } } };
  }
  const id = { tenantId, lectureId, version: VERSION, inputs: [machine.digest, head.machine.digest, head.transcript.digest] };
  let lost = 0;
  const carried = await runStage<Transcript>(artifacts, signal, {
    id: { ...id, stage: 'carryEdits' },
    schema: TranscriptSchema,
    async compute() {
      const edited = await artifacts.read(head.transcript, TranscriptSchema);
      // Without what the machine heard before nobody can tell what people changed: their revision stays, to be restored.
      const before = await readUnlessGone(artifacts, head.machine, TranscriptSchema);
      const result = before === undefined ? { transcript: heard, lost: 1 } : carryEdits(before, edited, heard);
      lost = result.lost;
      await artifacts.write(artifacts.ref({ ...id, stage: 'carriedEdits' }), { lost });
      return result.transcript;
    },
  });
  if (carried.reused) lost = (await artifacts.read(artifacts.ref({ ...id, stage: 'carriedEdits' }), CarriedSchema)).lost;
  return {
    artifact: carried.artifact,
    reused: reused && carried.reused,
    basis: { machine, carried: { from: head.transcript.digest, lost } },
  };
}
