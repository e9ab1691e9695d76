import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractTerms } from '../../cli/handout/extract-terms.ts';
import { readOrdinaryWords } from '../../cli/handout/ordinary-words.ts';
import type { Config } from '../../contracts/config.ts';
import { LecternError } from '../../contracts/errors.ts';
import { MAX_TERMS } from '../../contracts/vocabulary.ts';
import { countWordErrors, wordErrorRate, type WordErrors } from '../metrics/word-error-rate.ts';
import { readManifest, type Recording } from '../speech/manifest.ts';
import { openPcmFile } from '../speech/pcm-file.ts';
import { openHearing, openTools, type Hearing, type Tools } from '../speech/speech-pipeline.ts';
import { addCounts, countTerms, type TermCounts } from './term-recall.ts';

export interface VocabularyOptions {
  config: Config;
  note: (line: string) => void;
  /** Only files whose path contains one of these. */
  only: readonly string[];
}

/** What the transcriber is told: nothing, terms of which half are said in the recordings of this folder, or only others. */
const CONDITIONS = ['none', 'course', 'foreign'] as const;
type Condition = (typeof CONDITIONS)[number];

interface ConditionResult extends TermCounts {
  wer: number | null;
  /** Spent in transcribing. */
  seconds: number;
}

export interface VocabularyEvaluation {
  transcriber: string;
  /** The terms of the condition `course`, which all conditions are counted by. */
  byFolder: Record<string, { terms: number; conditions: Record<Condition, ConditionResult> }>;
  conditions: Record<Condition, ConditionResult>;
}

interface Heard extends TermCounts {
  words: WordErrors;
  seconds: number;
}

/**
 * What a vocabulary gains and costs: each folder of recordings with a verbatim English text is a course, whose vocabulary is what
 * the command line would take out of the text, and as many terms of other folders.
 */
export async function measureVocabulary(root: string, { config, note, only }: VocabularyOptions): Promise<VocabularyEvaluation> {
  const ordinary = await readOrdinaryWords();
  const manifest = await readManifest(root);
  const courses = Map.groupBy(
    manifest.filter((recording) => isMeasurable(recording) && (only.length === 0 || only.some((part) => recording.file.includes(part)))),
    ({ folder }) => folder,
  );
  if (courses.size < 2) throw new LecternError('invalid-input', `${root} holds fewer than two folders to tell apart`);
  const terms = new Map(
    [...courses].map(([folder, recordings]) => [folder, extractTerms(textOf(recordings), ordinary, MAX_TERMS / 2)] as const),
  );
  const tools = await openTools(config, note);
  const hearing = await openHearing(tools);
  const folder = await mkdtemp(join(tmpdir(), 'lectern-vocabulary-'));
  const all: Record<Condition, Heard[]> = { none: [], course: [], foreign: [] };
  const byFolder: VocabularyEvaluation['byFolder'] = {};
  try {
    for (const [name, recordings] of courses) {
      const own = terms.get(name)!;
      const spoken = new Set(
        textOf(recordings)
          .toLowerCase()
          .match(/\p{L}+/gu),
      );
      const foreign = [...terms].flatMap(([other, list]) => (other === name ? [] : list)).filter((term) => !spoken.has(term.toLowerCase()));
      const vocabularies: Record<Condition, string[]> = {
        none: [],
        course: [...own, ...foreign.slice(0, own.length)],
        foreign: foreign.slice(0, MAX_TERMS),
      };
      const heard: Record<Condition, Heard[]> = { none: [], course: [], foreign: [] };
      for (const recording of recordings) {
        const texts = await hear(recording, vocabularies, tools, hearing, join(folder, 'audio.s16le'));
        for (const condition of CONDITIONS) {
          const { text, seconds } = texts[condition];
          const counted = condition === 'foreign' ? vocabularies.foreign : vocabularies.course;
          const result = {
            ...countTerms(counted, recording.text!, text, 'en'),
            words: countWordErrors(recording.text!, text, 'en'),
            seconds,
          };
          heard[condition].push(result);
          all[condition].push(result);
        }
      }
      byFolder[name] = { terms: vocabularies.course.length, conditions: summarizeAll(heard) };
      note(`${name}: ${describe(byFolder[name].conditions)}`);
    }
  } finally {
    await Promise.all([hearing.detector.close(), hearing.transcriber.close()]);
    await rm(folder, { recursive: true });
  }
  const conditions = summarizeAll(all);
  note(`all: ${describe(conditions)}`);
  return { transcriber: hearing.transcriber.model.name, byFolder, conditions };
}

function isMeasurable({ kind, language, text, referenceQuality }: Recording): boolean {
  return kind === 'speech' && language === 'en' && text !== undefined && text !== '' && referenceQuality !== undefined;
}

function textOf(recordings: readonly Recording[]): string {
  return recordings.map(({ text }) => text).join('\n');
}

/** The text of a recording under each vocabulary; the conditions take turns, so that other work on the machine hits all of them. */
async function hear(
  recording: Recording,
  vocabularies: Record<Condition, string[]>,
  { media, maxDurationSeconds }: Tools,
  { detector, transcriber }: Hearing,
  pcmPath: string,
): Promise<Record<Condition, { text: string; seconds: number }>> {
  await media.decode(recording.path, pcmPath, { maxDurationSeconds });
  const audio = await openPcmFile(pcmPath);
  try {
    const speech = await detector.detect(audio);
    const results: Partial<Record<Condition, { text: string; seconds: number }>> = {};
    for (const condition of CONDITIONS) {
      const started = performance.now();
      const { segments } = await transcriber.transcribe(audio, { language: 'en', speech, vocabulary: vocabularies[condition] });
      const text = segments.flatMap(({ words }) => words.map((word) => word.text)).join(' ');
      results[condition] = { text, seconds: (performance.now() - started) / 1000 };
    }
    return results as Record<Condition, { text: string; seconds: number }>;
  } finally {
    await audio.close();
  }
}

function summarizeAll(heard: Record<Condition, Heard[]>): Record<Condition, ConditionResult> {
  return { none: summarize(heard.none), course: summarize(heard.course), foreign: summarize(heard.foreign) };
}

function summarize(heard: readonly Heard[]): ConditionResult {
  return {
    wer: wordErrorRate(heard.map(({ words }) => words)),
    ...addCounts(heard),
    seconds: Math.round(heard.reduce((sum, { seconds }) => sum + seconds, 0) * 10) / 10,
  };
}

function describe(conditions: Record<Condition, ConditionResult>): string {
  return CONDITIONS.map((name) => {
    const { wer, spoken, found, invented, seconds } = conditions[name];
    return `${name}: WER ${wer === null ? '-' : (wer * 100).toFixed(2)} %, ${found} of ${spoken} terms, ${invented} invented, ${seconds} s`;
  }).join('; ');
}
