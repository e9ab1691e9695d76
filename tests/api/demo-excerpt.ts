import { readFile } from 'node:fs/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { z } from 'zod';
import { createAlignActivity } from '../../activities/align.ts';
import { createDiarizeActivity } from '../../activities/diarize.ts';
import { createRecordOutcomeActivity } from '../../activities/record-outcome.ts';
import type { ArtifactRef } from '../../contracts/ingest.ts';
import { SAMPLE_RATE } from '../../contracts/media.ts';
import { SpanSchema, type TranscribedWord } from '../../contracts/transcript.ts';
import type { Diarizer } from '../../inference/diarizer.ts';
import { audioKey, mediaKey, toLectureId } from '../../storage/keys.ts';
import { openPcmObject } from '../../storage/pcm-object-source.ts';
import { createTenantSettingsStore } from '../../storage/tenant-settings.ts';
import { loadable } from '../workflows/scripted-models.ts';
import type { TestApi } from './test-api.ts';

const TruthSchema = z.object({ turns: z.array(z.object({ words: z.array(SpanSchema.extend({ text: z.string() })) })) });

/** A stretch of the demo lecture as a lecture of its own: real audio, real diarization, the words that are known to be said. */
export interface Excerpt {
  tenantId: string;
  lectureId: string;
  prepared: ArtifactRef;
  transcription: ArtifactRef;
}

type Stores = Pick<TestApi, 'objects' | 'lectures' | 'artifacts' | 'index'>;

/** Stores what `prepare` and `transcribe` leave behind. `samples` are the whole demo lecture's. */
export async function storeExcerpt(
  { objects, lectures, artifacts }: Stores,
  tenantId: string,
  samples: Float32Array,
  { startSeconds, endSeconds }: { startSeconds: number; endSeconds: number },
): Promise<Excerpt> {
  const durationSeconds = endSeconds - startSeconds;
  const sha256 = Math.round(startSeconds).toString(16).padStart(64, '0');
  const lectureId = toLectureId(tenantId, sha256);
  const stage = { tenantId, lectureId, version: 1, inputs: [sha256] };
  const prepared = artifacts.ref({ ...stage, stage: 'prepare' });
  const transcription = artifacts.ref({ ...stage, stage: 'transcribe' });
  const key = audioKey(tenantId, lectureId, prepared.digest);
  const pcm = Int16Array.from(samples.subarray(startSeconds * SAMPLE_RATE, endSeconds * SAMPLE_RATE), (value) => value * 32_767);
  await objects.put(key, new Uint8Array(pcm.buffer));
  const media = { container: 'wav', codec: 'pcm', durationSeconds, sampleRate: SAMPLE_RATE, channels: 1, hasVideo: false };
  await artifacts.write(prepared, { media, audioKey: key, durationSeconds, loudnessDbfs: -20, peaks: [] });
  const words = (await readWords()).flatMap((word): TranscribedWord[] => {
    const inside = word.startSeconds >= startSeconds && word.endSeconds <= endSeconds;
    const moved = { startSeconds: word.startSeconds - startSeconds, endSeconds: word.endSeconds - startSeconds };
    return inside ? [{ text: word.text, ...moved, confidence: 1 }] : [];
  });
  const facts = { averageLogProbability: 0, noSpeechProbability: 0, temperature: 0 };
  const segments = [{ startSeconds: 0, endSeconds: durationSeconds, words, ...facts }];
  await artifacts.write(transcription, { language: 'en', languageProbability: 1, durationSeconds, segments });
  const now = new Date().toISOString();
  const document = { tenantId, lectureId, metadata: {}, media: { key: mediaKey(tenantId, lectureId), sha256, bytes: 1 } };
  const rest = { state: 'processing' as const, createdAt: now, updatedAt: now, speakerNames: {}, artifacts: {}, degraded: [] };
  await lectures.create({ ...document, ...rest });
  return { tenantId, lectureId, prepared, transcription };
}

/** Runs the stages that find and keep the speakers, as a worker does, and records them on the lecture. */
export async function findSpeakers({ objects, lectures, artifacts, index }: Stores, diarizer: Diarizer, excerpt: Excerpt): Promise<void> {
  const { tenantId, lectureId, prepared, transcription } = excerpt;
  const context = { tenantId, lectureId };
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  const run = <Input, Output>(activity: (input: Input) => Promise<Output>, input: Input): Promise<Output> =>
    environment.run<[Input], Output, typeof activity>(activity, input);
  const diarize = createDiarizeActivity({
    artifacts,
    objects,
    settings: createTenantSettingsStore(objects),
    openAudio: (key) => openPcmObject(objects, key),
    diarizer: loadable(diarizer),
  });
  const diarized = await run(diarize, { ...context, prepared, speakers: null });
  const align = createAlignActivity({ artifacts, lectures });
  const transcript = await run(align, { ...context, transcription, diarization: diarized.artifact });
  await run(createRecordOutcomeActivity({ lectures, artifacts, index }), {
    ...context,
    outcome: {
      state: 'ready' as const,
      generation: 'g1',
      durationSeconds: 60,
      language: 'en',
      transcribedBy: [],
      degraded: [],
      artifacts: {
        prepared: prepared.key,
        transcript: transcript.artifact.key,
        diarization: diarized.artifact.key,
        ...(diarized.voices === undefined ? {} : { voices: diarized.voices.key }),
        chunks: 'none',
      },
    },
  });
}

async function readWords(): Promise<{ text: string; startSeconds: number; endSeconds: number }[]> {
  const truth: unknown = JSON.parse(await readFile(new URL('../../demo/truth.json', import.meta.url), 'utf8'));
  return TruthSchema.parse(truth).turns.flatMap(({ words }) => words);
}
