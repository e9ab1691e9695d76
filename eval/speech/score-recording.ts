import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Diarization, Span, SpeakerTurn, Transcript } from '../../contracts/transcript.ts';
import { countDiarizationErrors, type DiarizationErrors } from '../metrics/diarization-error-rate.ts';
import { countJaccardErrors, type JaccardErrors } from '../metrics/jaccard-error-rate.ts';
import {
  countSpeakerWordErrors,
  countTimedSpeakerWordErrors,
  type SpeakerWordErrors,
  type TimedWord,
} from '../metrics/speaker-word-error-rate.ts';
import { countSpeakerErrors, type SpeakerErrors } from '../metrics/word-diarization-error.ts';
import { countCharacterErrors, countWordErrors, toScoredWords, type WordErrors } from '../metrics/word-error-rate.ts';
import { measureWordTimes, type WordTimeErrors } from '../metrics/word-time-error.ts';
import type { Recording } from './manifest.ts';
import { parseRttm, parseUem } from './rttm.ts';
import { attributeText, readWordTruth } from './word-truth.ts';

/** What could be counted on a recording; a count is absent where there is nothing to count against. */
export interface RecordingScore extends Partial<SpeakerScore> {
  words?: WordErrors;
  characters?: WordErrors;
  /** Words found where nobody speaks. */
  nonspeechWords?: number;
}

interface SpeakerScore {
  diarization: DiarizationErrors;
  /** The same with 0.25 s left out around each edge, for references that are only that exact. */
  diarizationCollar: DiarizationErrors;
  jaccard: JaccardErrors;
  /** Speakers where it was labelled: of the reference, and found. */
  speakerCount: { expected: number; found: number };
  speakers: SpeakerErrors;
  /** Words of the transcript, and those of them that have a speaker. */
  attribution: { words: number; attributed: number };
  /** cpWER: absent without the text of the reference. */
  speakerWords?: SpeakerWordErrors;
  /** tcpWER, and the distances of words from their places: absent without times of the reference's words. */
  timedSpeakerWords?: SpeakerWordErrors;
  wordTimes?: WordTimeErrors;
}

/** Turns of the reference; where a `.uem` lies beside the RTTM, the stretches that were labelled; words where they are known. */
interface SpeakerTruth {
  turns: SpeakerTurn[];
  scored: Span[] | undefined;
  words: TimedWord[] | undefined;
}

/** As MeetEval recommends for words whose reference times are not exact. */
const WORD_COLLAR_SECONDS = 5;

/** Counts the errors in a text against the manifest's. */
export function scoreText(recording: Recording, text: string): Pick<RecordingScore, 'words' | 'characters' | 'nonspeechWords'> {
  const language = recording.language ?? 'en';
  if (recording.kind === 'nonspeech') return { nonspeechWords: toScoredWords(text, language).length };
  if (recording.text === undefined || recording.text === '') return {};
  return {
    words: countWordErrors(recording.text, text, language),
    characters: countCharacterErrors(recording.text, text, language),
  };
}

/** Counts the errors in who spoke when, and in who said which word. */
export function scoreSpeakers(
  recording: Pick<Recording, 'text'>,
  truth: SpeakerTruth,
  transcript: Transcript,
  diarization: Diarization,
): SpeakerScore {
  const { turns, scored } = truth;
  const { language } = transcript;
  const words = transcript.turns.flatMap((turn) => turn.words);
  const text = recording.text ?? '';
  const spoken = truth.words ?? (text === '' ? undefined : attributeText(text, turns, words, language));
  return {
    ...scoreTurns(truth, diarization.turns),
    // Without words of the reference nobody knows who says which: a word is then theirs in whose turn alone its middle lies.
    speakers: countSpeakerErrors(
      truth.words ?? words.map((word) => ({ text: word.text, speaker: speakerAt((word.startSeconds + word.endSeconds) / 2, turns) })),
      words,
      language,
    ),
    attribution: { words: words.length, attributed: words.filter((word) => word.speaker !== null).length },
    ...(spoken === undefined || scored !== undefined ? {} : { speakerWords: countSpeakerWordErrors(spoken, words, language) }),
    ...(truth.words === undefined
      ? {}
      : {
          timedSpeakerWords: countTimedSpeakerWordErrors(truth.words, words, language, WORD_COLLAR_SECONDS),
          wordTimes: measureWordTimes(truth.words, words, language),
        }),
  };
}

/** Counts the errors in who spoke when. */
export function scoreTurns(
  { turns, scored }: Pick<SpeakerTruth, 'turns' | 'scored'>,
  found: readonly SpeakerTurn[],
): Pick<SpeakerScore, 'diarization' | 'diarizationCollar' | 'jaccard' | 'speakerCount'> {
  return {
    diarization: countDiarizationErrors(turns, found, { scored }),
    diarizationCollar: countDiarizationErrors(turns, found, { scored, collarSeconds: 0.25 }),
    jaccard: countJaccardErrors(turns, found, { scored }),
    speakerCount: { expected: countSpeakers(turns, scored), found: countSpeakers(found, scored) },
  };
}

function countSpeakers(turns: readonly SpeakerTurn[], scored: readonly Span[] | undefined): number {
  const inScope = (turn: SpeakerTurn): boolean =>
    scored === undefined || scored.some((span) => turn.startSeconds < span.endSeconds && span.startSeconds < turn.endSeconds);
  return new Set(turns.filter(inScope).map(({ speaker }) => speaker)).size;
}

/** The one who speaks alone at a time; `null` in silence and overlap. */
export function speakerAt(seconds: number, turns: readonly SpeakerTurn[]): string | null {
  const names = new Set(turns.filter((turn) => turn.startSeconds <= seconds && seconds < turn.endSeconds).map(({ speaker }) => speaker));
  const [only] = names;
  return names.size === 1 && only !== undefined ? only : null;
}

/** What is known of who speaks when in a recording; `undefined` where nobody wrote it down. */
export async function readSpeakerTruth(root: string, recording: Pick<Recording, 'rttm' | 'wordTimes'>): Promise<SpeakerTruth | undefined> {
  if (recording.rttm === undefined) return undefined;
  const path = join(root, recording.rttm);
  const uem = await readFile(path.slice(0, -extname(path).length) + '.uem', 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return {
    turns: parseRttm(await readFile(path, 'utf8')),
    scored: uem === undefined ? undefined : parseUem(uem),
    words: recording.wordTimes === undefined ? undefined : await readWordTruth(join(root, recording.wordTimes)),
  };
}
