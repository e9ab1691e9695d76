import { SAMPLE_RATE } from '../../contracts/media.ts';
import type { Diarization, Span } from '../../contracts/transcript.ts';
import type { SpeakerVoice } from '../diarizer.ts';
import type { PcmSource } from '../pcm-source.ts';

/** Turns are padded, and where they meet both voices are heard: so much is left out at either end of a stretch. */
const EDGE_SECONDS = 0.25;
/** CAM++ was trained on crops of 3 s; from 6 s on a vector hardly gets better. */
const PIECE_SECONDS = 6;
const MIN_PIECE_SECONDS = 1;
/** More speech of one recording does not make a voice clearer; the longest stretches are the cleanest. */
const MAX_VOICE_SECONDS = 90;

/** Embeds a stretch of one person's speech, [samples] at 16 kHz, as a unit-length vector; `null` where it gives none. */
export type EmbedVoice = (samples: Float32Array) => Promise<Float32Array | null>;

/**
 * The voice of each speaker, from the stretches in which nobody else speaks: the mean direction of their pieces, longer ones
 * weighing more. About 90 s of each speaker are heard at most, so that the time this takes does not grow with the recording.
 */
export async function measureVoices(
  audio: PcmSource,
  diarization: Diarization,
  embed: EmbedVoice,
  signal?: AbortSignal,
): Promise<SpeakerVoice[]> {
  const voices: SpeakerVoice[] = [];
  for (const speaker of diarization.speakers) {
    const sum: number[] = [];
    let cleanSeconds = 0;
    for (const { startSeconds, endSeconds } of choosePieces(cleanStretches(diarization, speaker))) {
      signal?.throwIfAborted();
      const first = Math.round(startSeconds * SAMPLE_RATE);
      const vector = await embed(await audio.read(first, Math.round(endSeconds * SAMPLE_RATE) - first));
      if (vector === null) continue;
      const seconds = endSeconds - startSeconds;
      cleanSeconds += seconds;
      for (const [axis, value] of vector.entries()) sum[axis] = (sum[axis] ?? 0) + seconds * value;
    }
    const length = Math.hypot(...sum);
    if (length > 0) voices.push({ speaker, vector: Float32Array.from(sum, (value) => value / length), cleanSeconds });
  }
  return voices;
}

/** Where `speaker` speaks and nobody else does, without the edges, by start. */
export function cleanStretches({ turns, exclusiveTurns }: Diarization, speaker: string): Span[] {
  const others = turns.filter((turn) => turn.speaker !== speaker).toSorted((a, b) => a.startSeconds - b.startSeconds);
  return exclusiveTurns
    .filter((turn) => turn.speaker === speaker)
    .flatMap((turn) => subtract(turn, others))
    .map(({ startSeconds, endSeconds }) => ({ startSeconds: startSeconds + EDGE_SECONDS, endSeconds: endSeconds - EDGE_SECONDS }))
    .filter(({ startSeconds, endSeconds }) => endSeconds - startSeconds >= MIN_PIECE_SECONDS);
}

/** What of `span` lies in none of `taken`, which come by start. */
function subtract(span: Span, taken: readonly Span[]): Span[] {
  const free: Span[] = [];
  let from = span.startSeconds;
  for (const { startSeconds, endSeconds } of taken) {
    if (endSeconds <= from) continue;
    if (startSeconds >= span.endSeconds) break;
    if (startSeconds > from) free.push({ startSeconds: from, endSeconds: startSeconds });
    from = endSeconds;
  }
  if (from < span.endSeconds) free.push({ startSeconds: from, endSeconds: span.endSeconds });
  return free;
}

/** The longest stretches first, in even pieces, until there is speech enough. */
function choosePieces(stretches: readonly Span[]): Span[] {
  const pieces: Span[] = [];
  let chosenSeconds = 0;
  for (const { startSeconds, endSeconds } of stretches.toSorted((a, b) => lengthOf(b) - lengthOf(a))) {
    const count = Math.ceil((endSeconds - startSeconds) / PIECE_SECONDS);
    const pieceSeconds = (endSeconds - startSeconds) / count;
    for (let index = 0; index < count && chosenSeconds < MAX_VOICE_SECONDS; index++) {
      const start = startSeconds + index * pieceSeconds;
      pieces.push({ startSeconds: start, endSeconds: start + pieceSeconds });
      chosenSeconds += pieceSeconds;
    }
  }
  return pieces;
}

function lengthOf({ startSeconds, endSeconds }: Span): number {
  return endSeconds - startSeconds;
}
