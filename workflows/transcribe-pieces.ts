import { patched } from '@temporalio/workflow';
import type { ArtifactRef, DetectSpeechResult, IngestInput, StageContext, TranscribeResult } from '../contracts/ingest.ts';
import type { ModelUsed } from '../contracts/lecture.ts';
import type { Span } from '../contracts/transcript.ts';
import { joinTranscription, transcribePiece } from './retry-policies.ts';
import type { ProgressOfIngest } from './ingest-progress.ts';
import { sideBySideInWindow } from './side-by-side.ts';

/**
 * Pieces of one lecture that are queued or run at a time. The queue serves tenants in turn, but the lectures of one tenant in the order
 * in which they came: this many pieces, at most, stand before a short lecture that comes after one of three hours. Eight keep as many
 * GPU workers busy with one lecture.
 */
const PIECES_AT_ONCE = 8;

/**
 * Fans the pieces out over the GPU queue and joins what they give. Where the language is not given, the first piece finds it and the
 * others expect it: short pieces guess worse than long ones. Only speech that is surely in another language is heard in that one.
 */
export async function transcribe(
  context: StageContext,
  prepared: ArtifactRef,
  plan: DetectSpeechResult,
  input: Pick<IngestInput, 'options' | 'vocabulary'>,
  progress: ProgressOfIngest,
): Promise<TranscribeResult> {
  progress.openPieces(plan.pieces);

  const told = { language: input.options.language ?? null, vocabulary: input.vocabulary ?? null };
  const transcribeOne = async (piece: Span, expectedLanguage: string | null) => {
    const summary = `${clock(piece.startSeconds)} to ${clock(piece.endSeconds)}`;
    const result = await transcribePiece.executeWithOptions({ summary }, [
      { ...context, prepared, speech: plan.artifact, piece, expectedLanguage, ...told },
    ]);
    progress.finishPiece(piece);
    return result;
  };

  const transcribeAll = (pieces: readonly Span[], expectedLanguage: string | null) => {
    const tasks = pieces.map((piece) => () => transcribeOne(piece, expectedLanguage));
    return sideBySideInWindow(tasks, piecesAtOnce(pieces.length));
  };

  const [first, ...rest] = plan.pieces;
  const results: TranscribeResult[] = [];
  if (first !== undefined && told.language === null) {
    const opening = await transcribeOne(first, null);
    results.push(opening, ...(await transcribeAll(rest, opening.language)));
  } else {
    results.push(...(await transcribeAll(plan.pieces, null)));
  }
  const joined = await joinTranscription({ ...context, prepared, pieces: results.map((result) => result.artifact) });
  const degradations = [...new Set(results.flatMap((result) => result.degradations ?? []))];
  const models = distinct(results.flatMap((result) => result.models ?? []));
  return { ...joined, reused: joined.reused && results.every((result) => result.reused), degradations, models };
}

/** Runs begun before there was a window go on as they began. */
function piecesAtOnce(pieces: number): number {
  return pieces > PIECES_AT_ONCE && patched('window-of-pieces') ? PIECES_AT_ONCE : pieces;
}

function distinct(models: readonly ModelUsed[]): ModelUsed[] {
  const keyOf = ({ name, revision, precision, decoding }: ModelUsed): string => [name, revision, precision, decoding].join();
  return [...new Map(models.map((model) => [keyOf(model), model])).values()];
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}
