import { z } from 'zod';
import type { Job } from '../contracts/api.ts';
import type { IngestProgress } from '../contracts/ingest.ts';
import type { Span } from '../contracts/transcript.ts';
import type { Heartbeat } from './heartbeats.ts';

const DetailsSchema = z.object({
  doneSeconds: z.number().min(0),
  totalSeconds: z.number().positive(),
  /** Names the piece. */
  pieceStartSeconds: z.number().optional(),
});
type Details = z.infer<typeof DetailsSchema>;

/**
 * The stages of a running job: what the workflow knows, and how far its running activities say they are. The heartbeats must have
 * been read before the workflow was asked: a piece that has finished in between then counts once, and nothing goes back.
 */
export function toJobStages(progress: IngestProgress, heartbeats: readonly Heartbeat[]): Job['stages'] {
  const told = heartbeats.flatMap(({ activity, details }) => {
    const parsed = DetailsSchema.safeParse(details);
    return parsed.success ? [{ activity, details: parsed.data }] : [];
  });
  return progress.stages.map((stage) => {
    if (stage.state !== 'running') return stage;
    if (stage.stage === 'transcribe') {
      const beats = told.filter(({ activity }) => activity === 'transcribePiece').map(({ details }) => details);
      return stage.totalSeconds === undefined
        ? stage
        : { ...stage, ...addPieces(stage.doneSeconds ?? 0, stage.totalSeconds, progress.openPieces, beats) };
    }
    const own = told.find(({ activity }) => activity === stage.stage)?.details;
    return own === undefined
      ? stage
      : { ...stage, doneSeconds: Math.min(own.doneSeconds, own.totalSeconds), totalSeconds: own.totalSeconds };
  });
}

/** A piece tells seconds of its speech; what is asked for are seconds of the recording. */
function addPieces(finishedSeconds: number, totalSeconds: number, open: readonly Span[], beats: readonly Details[]) {
  const running = open.map((piece) => {
    const beat = beats.find(({ pieceStartSeconds }) => pieceStartSeconds === piece.startSeconds);
    if (beat === undefined) return 0;
    return (piece.endSeconds - piece.startSeconds) * Math.min(1, beat.doneSeconds / beat.totalSeconds);
  });
  const doneSeconds = running.reduce((sum, seconds) => sum + seconds, finishedSeconds);
  return { doneSeconds: Math.min(doneSeconds, totalSeconds), totalSeconds };
}
