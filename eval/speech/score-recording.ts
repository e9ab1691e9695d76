import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Diarization, Span, SpeakerTurn, Transcript } from '../../contracts/transcript.ts';
import { countDiarizationErrors, type DiarizationErrors } from '../metrics/diarization-error-rate.ts';
import { countSpeakerErrors, type SpeakerErrors } from '../metrics/word-diarization-error.ts';
import { countWordErrors, toScoredWords, type WordErrors } from '../metrics/word-error-rate.ts';
import type { Recording } from './manifest.ts';
import { parseRttm, parseUem } from './rttm.ts';

/** What could be counted on a recording; a count is absent where there is nothing to count against. */
export interface RecordingScore {
  words?: WordErrors;
  diarization?: DiarizationErrors;
  /** The same with 0.25 s left out around each edge, for references that are only that exact. */
  diarizationCollar?: DiarizationErrors;
  speakers?: SpeakerErrors;
  /** Words found where nobody speaks. */
  nonspeechWords?: number;
}

/** Turns of the reference and, where a `.uem` lies beside the RTTM, the stretches that were labelled. */
interface SpeakerTruth {
  turns: SpeakerTurn[];
  scored: Span[] | undefined;
}

/** Counts the errors in a text against the manifest's. */
export function scoreText(recording: Recording, text: string): Pick<RecordingScore, 'words' | 'nonspeechWords'> {
  const language = recording.language ?? 'en';
  if (recording.kind === 'nonspeech') return { nonspeechWords: toScoredWords(text, language).length };
  if (recording.text === undefined || recording.text === '') return {};
  return { words: countWordErrors(recording.text, text, language) };
}

/** Counts the errors in who spoke when, and in who said which word. */
export function scoreSpeakers(
  { turns, scored }: SpeakerTruth,
  transcript: Transcript,
  diarization: Diarization,
): Pick<RecordingScore, 'diarization' | 'diarizationCollar' | 'speakers'> {
  const words = transcript.turns.flatMap((turn) => turn.words);
  return {
    diarization: countDiarizationErrors(turns, diarization.turns, { scored }),
    diarizationCollar: countDiarizationErrors(turns, diarization.turns, { scored, collarSeconds: 0.25 }),
    // The reference says who speaks when, not who says which word: a word is theirs in whose turn alone its middle lies.
    speakers: countSpeakerErrors(
      words.map((word) => ({ text: word.text, speaker: speakerAt((word.startSeconds + word.endSeconds) / 2, turns) })),
      words,
      transcript.language,
    ),
  };
}

/** The one who speaks alone at a time; `null` in silence and overlap. */
export function speakerAt(seconds: number, turns: readonly SpeakerTurn[]): string | null {
  const names = new Set(turns.filter((turn) => turn.startSeconds <= seconds && seconds < turn.endSeconds).map(({ speaker }) => speaker));
  const [only] = names;
  return names.size === 1 && only !== undefined ? only : null;
}

export async function readSpeakerTruth(root: string, rttm: string): Promise<SpeakerTruth> {
  const path = join(root, rttm);
  const uem = await readFile(path.slice(0, -extname(path).length) + '.uem', 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return { turns: parseRttm(await readFile(path, 'utf8')), scored: uem === undefined ? undefined : parseUem(uem) };
}
