import { join } from 'node:path';
import { SAMPLE_RATE } from '../../contracts/media.ts';
import type { Diarizer } from '../diarizer.ts';
import { buildCampPlusGraph, CAMPPLUS_GRAPH_VERSION } from '../graphs/campplus.ts';
import { buildSegmentationGraph, SEGMENTATION_GRAPH_VERSION } from '../graphs/segmentation.ts';
import type { ModelFiles } from '../models/store.ts';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { ensureGraph } from '../onnx/graph-cache.ts';
import { startEngine } from '../onnx/worker-host.ts';
import { openSileroDetector } from '../vad/silero.ts';
import type { TensorFile } from '../weights/tensor-file.ts';
import { openTorchZip } from '../weights/torch-zip.ts';
import type { VoiceSlot } from './analysis.ts';
import { listenToChannels, type DetectSpeech } from './listen-to-channels.ts';
import type { DiarizerEngine, DiarizerEngineInit } from './diarizer-engine.ts';
import { voteFaintSpeech } from './faint-speech.ts';
import { voteFrames } from './frame-votes.ts';
import { findSpeakers } from './speaker-clusters.ts';
import { toDiarization } from './speaker-turns.ts';
import { spreadOrder } from './spread-order.ts';
import { measureVoices, type EmbedVoice } from './speaker-voices.ts';
import { holdsSpeech, isSilent } from './speech-evidence.ts';
import { countWindows, STEP_SAMPLES, WINDOW_FRAMES, WINDOW_SAMPLES } from './windows.ts';

export interface OnnxDiarizerOptions {
  /** `silero` is opened only where segmentation is in doubt whether there is speech at all, or channels may be a speaker each. */
  models: { segmentation: ModelFiles; campplus: ModelFiles; silero: ModelFiles };
  /** Folder of built graphs (`LECTERN_CACHE`). */
  cacheDir: string;
  /** Threads of one network run. */
  threads: number;
}

/** File of each model in `models.json`. */
const WEIGHTS = { segmentation: 'pytorch_model.bin', campplus: 'campplus_cn_en_common.pt' };
/** Windows a call: 24 s of audio, about 400 MB at work with both networks, so that progress and cancellation never wait longer than about a second. */
const WINDOWS_PER_CALL = 8;
/** Change with anything that changes results: it is part of the model's identity, hence of artifacts' names. */
const METHOD = 'fp32-average1';
/** Change with anything that changes voices: those of another method are never compared. */
const VOICE_METHOD = 'fp32-pieces1';

/**
 * Opens the diarizer: segmentation-3.0 over overlapping windows, CAM++ on each window's local speakers, average linkage
 * over the recording. Both graphs are built from the weights on first use. `diarize` keeps a byte a frame and 0.8 kB a local
 * speaker: 3 hours need about 15 MB.
 */
export async function openDiarizer({ models, cacheDir, threads }: OnnxDiarizerOptions): Promise<Diarizer> {
  const init: DiarizerEngineInit = {
    segmentationPath: await buildGraph(
      cacheDir,
      models.segmentation,
      WEIGHTS.segmentation,
      SEGMENTATION_GRAPH_VERSION,
      buildSegmentationGraph,
    ),
    campplusPath: await buildGraph(cacheDir, models.campplus, WEIGHTS.campplus, CAMPPLUS_GRAPH_VERSION, buildCampPlusGraph),
    threads,
  };
  const engine = await startEngine<DiarizerEngine>(new URL('./diarizer-engine.ts', import.meta.url), init);
  const { segmentation, campplus } = models;
  const detectSpeech: DetectSpeech = async (audio, signal) => {
    const detector = await openSileroDetector({ model: models.silero, threads });
    try {
      return await detector.detect(audio, signal === undefined ? {} : { signal });
    } finally {
      await detector.close();
    }
  };
  return {
    model: {
      name: `${segmentation.identity.name}+${campplus.identity.name}`,
      revision: `${segmentation.identity.revision}+${campplus.identity.revision}`,
      precision: METHOD,
    },
    async diarize(audio, { speakers, channels, signal, onProgress } = {}) {
      const durationSeconds = audio.totalSamples / SAMPLE_RATE;
      const judged = channels && (await listenToChannels(channels, detectSpeech, speakers, signal));
      if (judged?.frames) {
        onProgress?.(durationSeconds);
        return { method: 'channels', channels: judged.evidence, ...toDiarization(judged.frames, durationSeconds) };
      }
      const windows = countWindows(audio.totalSamples);
      const activity = new Uint8Array(windows * WINDOW_FRAMES);
      const slots: VoiceSlot[] = [];
      let doneSamples = 0;
      for (const call of spreadOrder(Math.ceil(windows / WINDOWS_PER_CALL))) {
        signal?.throwIfAborted();
        const first = call * WINDOWS_PER_CALL;
        const count = Math.min(WINDOWS_PER_CALL, windows - first);
        const samples = new Float32Array((count - 1) * STEP_SAMPLES + WINDOW_SAMPLES);
        samples.set(await audio.read(first * STEP_SAMPLES, samples.length));
        replaceBroken(samples);
        const found = await engine.analyse(samples, first, count);
        activity.set(found.activity, first * WINDOW_FRAMES);
        slots.push(...found.slots);
        const isLast = first + count === windows;
        doneSamples += (isLast ? audio.totalSamples : (first + count) * STEP_SAMPLES) - first * STEP_SAMPLES;
        onProgress?.(doneSamples / SAMPLE_RATE);
      }
      slots.sort((a, b) => a.window - b.window || a.localSpeaker - b.localSpeaker);
      signal?.throwIfAborted();
      const votes = holdsSpeech(activity)
        ? voteFrames(activity, slots, findSpeakers(slots, speakers), speakers?.exact !== undefined)
        : voteFaintSpeech(activity, isSilent(activity) ? [] : await detectSpeech(audio, signal));
      return { method: 'clusters', ...(judged && { channels: judged.evidence }), ...toDiarization(votes, durationSeconds) };
    },
    async measureVoices(audio, diarization, signal) {
      const embed: EmbedVoice = (samples) => {
        replaceBroken(samples);
        return engine.embedVoice(samples);
      };
      const voices = await measureVoices(audio, diarization, embed, signal);
      return { model: { ...campplus.identity, precision: VOICE_METHOD }, speakers: voices };
    },
    close: () => engine.close(),
  };
}

async function buildGraph(
  cacheDir: string,
  model: ModelFiles,
  file: string,
  builder: number,
  build: (weights: TensorFile) => GraphBuilder,
): Promise<string> {
  const { name, revision } = model.identity;
  const dir = await ensureGraph(cacheDir, { model: name, revision, precision: 'fp32', builder }, async (folder) => {
    const weights = openTorchZip(model.path(file));
    try {
      await build(weights).write(join(folder, 'model.onnx'));
    } finally {
      weights.close();
    }
  });
  return join(dir, 'model.onnx');
}

/** One sample that is not a number would make a whole window silent. */
function replaceBroken(samples: Float32Array): void {
  for (let index = 0; index < samples.length; index++) {
    if (!Number.isFinite(samples[index])) samples[index] = 0;
  }
}
