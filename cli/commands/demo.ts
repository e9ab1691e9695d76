import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { z } from 'zod';
import { TranscriptViewSchema, type Job } from '../../contracts/api.ts';
import { LecternError } from '../../contracts/errors.ts';
import type { QueryResponse } from '../../contracts/query.ts';
import type { SpeakerTurn, Transcript } from '../../contracts/transcript.ts';
import { countDiarizationErrors, diarizationErrorRate } from '../../eval/metrics/diarization-error-rate.ts';
import { countSpeakerErrors, wordDiarizationErrorRate } from '../../eval/metrics/word-diarization-error.ts';
import { countWordErrors, wordErrorRate } from '../../eval/metrics/word-error-rate.ts';
import { parseRttm } from '../../eval/speech/rttm.ts';
import { createApiClient, type ApiClient } from '../api-client.ts';
import type { CliContext, RunAction } from '../context.ts';
import { startStack } from '../embedded/stack.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { followJob } from '../job-progress.ts';
import { formatTime } from '../output.ts';
import { openUploadBody } from '../upload-body.ts';
import { waitForJob } from '../wait-for-job.ts';
import { fetchDefaults } from './models.ts';
import { printAnswer } from './ask-question.ts';

const DEMO = new URL('../../demo/', import.meta.url);
const TruthSchema = z.object({ turns: z.array(z.object({ speaker: z.string(), words: z.array(z.object({ text: z.string() })) })) });
const QuestionsSchema = z.array(z.object({ question: z.string(), inDemo: z.boolean() }));

export function addDemoCommand(program: Command, run: RunAction): void {
  program
    .command('demo')
    .description('set everything up, ingest the demo lecture, show its transcript and answer questions; then end')
    .action((_: unknown, command: Command) => run(command, demo));
}

/** On a stack of its own in a temporary folder and on free ports: what runs on this machine stays untouched. */
async function demo(context: CliContext): Promise<ExitCode> {
  const { output, signal } = context;
  await fetchDefaults(context);
  const dataDir = await mkdtemp(join(tmpdir(), 'lectern-demo-'));
  const free = { LECTERN_PORT: 0, LECTERN_TEMPORAL_PORT: 0, LECTERN_TEMPORAL_UI_PORT: 0 };
  try {
    const stack = await startStack({ ...context.config, ...free, LECTERN_DATA: dataDir }, (line) => output.note(line));
    try {
      signal.throwIfAborted();
      const died = stack.exited.then(({ process, reason }) => {
        throw new LecternError('unavailable', `${process} ended: ${reason}`);
      });
      await Promise.race([show(context, createApiClient({ url: stack.apiUrl, apiKey: stack.apiKey, signal })), died]);
    } finally {
      await stack.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
  return EXIT.ok;
}

async function show(context: CliContext, api: ApiClient): Promise<void> {
  const { output } = context;
  output.note('\nThe demo lecture: synthetic voices, a lecturer and two students, six minutes on error-correcting codes.');
  const startedAt = performance.now();
  const job = await ingest(context, api);
  const ingestSeconds = (performance.now() - startedAt) / 1000;
  const transcript = TranscriptViewSchema.parse(JSON.parse(await api.getTranscript(job.lectureId, 'json')));
  output.note(`\nIngested ${formatTime(transcript.durationSeconds)} of speech in ${formatTime(ingestSeconds)}.`);
  output.line('\nThe transcript:\n');
  output.line(await api.getTranscript(job.lectureId, 'md'));

  const answers: QueryResponse[] = [];
  for (const question of await readQuestions()) {
    const response = await api.query({ question, answer: true });
    output.line(`\nQ: ${question}`);
    printAnswer(output, response);
    answers.push(response);
  }

  const scores = await score(transcript, parseRttm(await api.getTranscript(job.lectureId, 'rttm')));
  output.line(
    `\nAgainst the truth of this synthetic lecture: word error rate ${percent(scores.wer)}, diarization error rate ${percent(scores.der)}, ` +
      `words with the right speaker ${percent(scores.speakerAccuracy)}.`,
  );
  output.document({
    ...scores,
    seconds: { audio: transcript.durationSeconds, ingest: Math.round(ingestSeconds * 10) / 10 },
    answers: answers.map(({ question, answer }) => ({
      question,
      text: answer?.text ?? '',
      citations: (answer?.citations ?? []).map(({ lectureId, speaker, startSeconds, endSeconds, quote }) => ({
        lectureId,
        speaker,
        startSeconds,
        endSeconds,
        quote,
      })),
    })),
  });
}

async function ingest({ output, signal }: CliContext, api: ApiClient): Promise<Job> {
  const script = z
    .object({ title: z.string(), course: z.string(), semester: z.string() })
    .parse(JSON.parse(await readFile(new URL('script.json', DEMO), 'utf8')));
  const { title, course, semester } = script;
  const upload = await openUploadBody(fileURLToPath(new URL('lecture.opus', DEMO)), { title, course, semester }, () => undefined);
  const { jobId } = await api.ingest(upload, randomUUID());
  const startedAt = Date.now();
  const follow = followJob();
  const job = await waitForJob(api, jobId, signal, (polled) => {
    const { text, milestone } = follow(polled);
    output.progress(`ingest: ${text} (${Math.round((Date.now() - startedAt) / 1000)} s)`, milestone);
  });
  if (job.state === 'completed') return job;
  const { stage, message } = job.error ?? { stage: job.stage ?? 'unknown', message: `the job was ${job.state}` };
  throw new LecternError('internal', `the demo lecture was not ingested: ${stage}: ${message}`);
}

async function readQuestions(): Promise<string[]> {
  const questions = QuestionsSchema.parse(JSON.parse(await readFile(new URL('questions.json', DEMO), 'utf8')));
  return questions.filter(({ inDemo }) => inDemo).map(({ question }) => question);
}

interface Scores {
  wer: number;
  der: number;
  /** Share of the words heard that were given to the right speaker. */
  speakerAccuracy: number;
}

/** All against what the synthesizer was told to say: no collar, overlaps scored, speakers matched one to one. */
async function score(transcript: Transcript, turns: readonly SpeakerTurn[]): Promise<Scores> {
  const truth = TruthSchema.parse(JSON.parse(await readFile(new URL('truth.json', DEMO), 'utf8')));
  const trueTurns = parseRttm(await readFile(new URL('lecture.rttm', DEMO), 'utf8'));
  const said = truth.turns.flatMap(({ speaker, words }) => words.map(({ text }) => ({ text, speaker })));
  const heard = transcript.turns.flatMap(({ words }) => words);
  const toText = (words: readonly { text: string }[]): string => words.map(({ text }) => text).join(' ');
  const { language } = transcript;
  return {
    wer: wordErrorRate([countWordErrors(toText(said), toText(heard), language)]) ?? 1,
    der: diarizationErrorRate([countDiarizationErrors(trueTurns, turns)]) ?? 1,
    speakerAccuracy: 1 - (wordDiarizationErrorRate([countSpeakerErrors(said, heard, language)]) ?? 1),
  };
}

function percent(rate: number): string {
  return `${(rate * 100).toFixed(1)} %`;
}
