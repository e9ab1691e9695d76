import { cutPieces } from '../../activities/cut-pieces.ts';
import type { Span, TranscribedWord } from '../../contracts/transcript.ts';
import type { PcmSource } from '../../inference/pcm-source.ts';
import type { Transcriber } from '../../inference/transcriber.ts';

export interface HeardPieces {
  pieces: Span[];
  words: TranscribedWord[];
  /** Of each piece. */
  languages: string[];
}

/** Transcribes as the stack does: piece by piece, each as if there were no other. */
export async function hearPieces(
  transcriber: Transcriber,
  audio: PcmSource,
  speech: readonly Span[],
  pieceSeconds: number,
  language: string | null = 'en',
): Promise<HeardPieces> {
  const heard: HeardPieces = { pieces: cutPieces(speech, pieceSeconds), words: [], languages: [] };
  for (const piece of heard.pieces) {
    const result = await transcriber.transcribe(audio, { language, speech, piece });
    heard.words.push(...result.segments.flatMap((segment) => segment.words));
    heard.languages.push(result.language);
  }
  return heard;
}

export function textOf(words: readonly { text: string }[]): string {
  return words.map((word) => word.text).join(' ');
}
