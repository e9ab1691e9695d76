import { wordErrorRate } from '../../metrics/word-error-rate.ts';
import type { Diarization, Span, Transcription } from '../../../contracts/transcript.ts';
import type { TimedText } from '../against/speech-job.ts';
import type { Recording } from '../manifest.ts';
import { readSpeakerTruth } from '../score-recording.ts';
import { wordsOf } from '../words-of.ts';
import type { LongRecording } from './build-recording.ts';
import { assignWords, countPlacedErrors, countScored, placementsOf, voiceOf } from './score-long.ts';
import { addDifferences, compareWords, type WordDifferences } from './seams.ts';

export interface LongJudgement {
  /** Against the references, one after another. */
  wer: number | null;
  /** Of the same recordings, each heard alone. */
  werAlone: number | null;
  /** Words where nobody speaks, and how long nobody does. */
  gapWords: number;
  gapSeconds: number;
  /** Cuts between pieces. */
  cuts: number;
  /** How the long recording's words differ from those of its recordings alone, and of itself with its cuts moved by 5 s. */
  besideAlone: WordDifferences;
  besideMovedCuts: WordDifferences;
  /** Voices found, and about how many there are: readers with several files are known by their names. */
  speakersFound: number;
  speakersAbout: number;
  attributedWords: number | null;
}

/** What the chain made of the long recording. */
export interface LongHearing {
  speech: Span[];
  /** What was transcribed at once. */
  pieces: Span[];
  transcription: Transcription;
  diarization: Diarization;
  attributedWords: { words: number; attributed: number };
}

export interface LongEvidence {
  root: string;
  recordings: readonly Recording[];
  long: LongRecording;
  heard: LongHearing;
  /** By file, on its own clock. */
  alone: ReadonlyMap<string, TimedText[]>;
  moved: readonly TimedText[];
  movedCuts: readonly Span[];
}

const LANGUAGE = 'en';

export async function judgeLong({ root, recordings, long, heard, alone, moved, movedCuts }: LongEvidence): Promise<LongJudgement> {
  const placements = placementsOf(long.parts);
  const { within, inGaps } = assignWords(placements, wordsOf(heard.transcription));
  const movedWithin = assignWords(placements, moved).within;
  const byFile = new Map(recordings.map((recording) => [recording.file, recording]));
  const cuts = [...innerCuts(heard.pieces), ...innerCuts(movedCuts)];
  const text = (file: string): string => byFile.get(file)?.text ?? '';
  const { words, attributed } = heard.attributedWords;
  const placedAlone = placements.map(({ file, startSeconds }) =>
    (alone.get(file) ?? []).map((word) => ({ ...word, startSeconds: word.startSeconds + startSeconds })),
  );
  return {
    wer: wordErrorRate(placements.map(({ file }, index) => countPlacedErrors(text(file), within[index] ?? [], LANGUAGE))),
    werAlone: wordErrorRate(placements.map(({ file }) => countPlacedErrors(text(file), alone.get(file) ?? [], LANGUAGE))),
    gapWords: countScored(inGaps, LANGUAGE),
    gapSeconds: long.parts.reduce((sum, { kind, samples }) => sum + (kind === 'gap' ? samples / 16_000 : 0), 0),
    cuts: heard.pieces.length - 1,
    besideAlone: addDifferences(placedAlone.map((own, index) => compareWords(own, within[index] ?? [], LANGUAGE, cuts))),
    besideMovedCuts: addDifferences(within.map((own, index) => compareWords(own, movedWithin[index] ?? [], LANGUAGE, cuts))),
    speakersFound: heard.diarization.speakers.length,
    speakersAbout: (await voicesOf(root, new Set(placements.map(({ file }) => file)), byFile)).size,
    attributedWords: words === 0 ? null : attributed / words,
  };
}

function innerCuts(pieces: readonly Span[]): number[] {
  return pieces.slice(0, -1).map(({ endSeconds }) => endSeconds);
}

async function voicesOf(root: string, files: ReadonlySet<string>, byFile: ReadonlyMap<string, Recording>): Promise<Set<string>> {
  const voices = new Set<string>();
  for (const file of files) {
    const truth = await readSpeakerTruth(root, byFile.get(file) ?? {});
    for (const name of truth?.turns.map(({ speaker }) => speaker) ?? [file]) voices.add(voiceOf(name));
  }
  return voices;
}
