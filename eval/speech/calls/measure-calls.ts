import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../contracts/config.ts';
import { LecternError } from '../../../contracts/errors.ts';
import type { Diarization, Span } from '../../../contracts/transcript.ts';
import type { Diarizer } from '../../../inference/diarizer.ts';
import { alignSpeakers } from '../../../transcript/align.ts';
import { countDiarizationErrors, diarizationErrorRate, type DiarizationErrors } from '../../metrics/diarization-error-rate.ts';
import { countSpeakerWordErrors, speakerWordErrorRate, type SpeakerWordErrors } from '../../metrics/speaker-word-error-rate.ts';
import { voiceOf } from '../long/score-long.ts';
import { readManifest, type Recording } from '../manifest.ts';
import { openPcmFile } from '../pcm-file.ts';
import { openHearing, openSpeakerFinder, openTools, transcribePieces, type Hearing, type Tools } from '../speech-pipeline.ts';
import { buildCall, sourceOf, type Call, type CallConditions, type Utterance } from './build-call.ts';

/** Two sides of calls: their errors by channel and by voices, and of their words heard in both channels mixed and in each alone. */
export interface CallMeasurement extends CallConditions {
  calls: number;
  /** Calls that were diarized by their channels. */
  byChannels: number;
  /** 0.25 s collar, overlap scored. */
  derByRule: number | null;
  derByClusters: number | null;
  cpWerMixed: number | null;
  cpWerByChannel: number | null;
}

const UTTERANCES_A_SIDE = 5;
const COLLAR = { collarSeconds: 0.25 };
const LANGUAGE = 'en';
const CONDITIONS: readonly CallConditions[] = [
  { crossTalkDb: -Infinity, noiseDbfs: -90, secondDb: 0 },
  { crossTalkDb: -20, noiseDbfs: -55, secondDb: 0 },
  { crossTalkDb: -20, noiseDbfs: -55, secondDb: -10 },
  { crossTalkDb: -6, noiseDbfs: -55, secondDb: 0 },
  { crossTalkDb: 0, noiseDbfs: -55, secondDb: 0 },
];

/** Makes calls of the readers of a data set, two by two, and measures what becomes of them. */
export async function measureCalls(root: string, config: Config, note: (line: string) => void): Promise<CallMeasurement[]> {
  const tools = await openTools(config, note);
  const [hearing, diarizer] = [await openHearing(tools), await openSpeakerFinder(tools)];
  try {
    const sides = await readSides(root, tools);
    const measured: CallMeasurement[] = [];
    for (const conditions of CONDITIONS) {
      measured.push(await measureCondition(sides, conditions, hearing, diarizer));
      note(JSON.stringify(measured.at(-1)));
    }
    return measured;
  } finally {
    await Promise.all([hearing.detector.close(), hearing.transcriber.close(), diarizer.close()]);
  }
}

type Side = { samples: Float32Array; text: string }[];

/** Utterances by reader, of those with enough of them. */
async function readSides(root: string, tools: Tools): Promise<Side[]> {
  const readable = (await readManifest(root)).filter(
    ({ kind, language, text = '' }) => kind === 'speech' && language === 'en' && text !== '',
  );
  const readers = [...Map.groupBy(readable, ({ file }) => voiceOf(file)).values()].filter((own) => own.length >= UTTERANCES_A_SIDE);
  if (readers.length < 2) throw new LecternError('invalid-input', `${root} has no two readers with ${UTTERANCES_A_SIDE} utterances each`);
  const folder = await mkdtemp(join(tmpdir(), 'lectern-calls-'));
  try {
    const sides: Side[] = [];
    for (const own of readers) sides.push(await readSide(own.slice(0, UTTERANCES_A_SIDE), tools, join(folder, 'audio.s16le')));
    return sides;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function readSide(recordings: readonly Recording[], { media, maxDurationSeconds }: Tools, pcm: string): Promise<Side> {
  const side: Side = [];
  for (const { path, text = '' } of recordings) {
    await media.decode(path, pcm, { maxDurationSeconds });
    const audio = await openPcmFile(pcm);
    side.push({ samples: await audio.read(0, audio.totalSamples), text });
    await audio.close();
  }
  return side;
}

async function measureCondition(
  sides: readonly Side[],
  conditions: CallConditions,
  hearing: Hearing,
  diarizer: Diarizer,
): Promise<CallMeasurement> {
  const errors = { rule: [] as DiarizationErrors[], clusters: [] as DiarizationErrors[] };
  const wordErrors = { mixed: [] as SpeakerWordErrors[], byChannel: [] as SpeakerWordErrors[] };
  let byChannels = 0;
  for (let first = 0; first + 1 < sides.length; first += 2) {
    const call = buildCall(takeTurns(sides[first]!, sides[first + 1]!), conditions, first + 1);
    const mixed = sourceOf(call.mono);
    const ruled = await diarizer.diarize(mixed, { channels: [sourceOf(call.left), sourceOf(call.right)] });
    if (ruled.method === 'channels') byChannels += 1;
    const clustered = await diarizer.diarize(mixed);
    errors.rule.push(countDiarizationErrors(call.turns, ruled.turns, COLLAR));
    errors.clusters.push(countDiarizationErrors(call.turns, clustered.turns, COLLAR));
    if (ruled.method !== 'channels') continue;
    const speech = await hearing.detector.detect(mixed);
    const aligned = alignSpeakers(await transcribePieces(hearing.transcriber, mixed, speech), ruled);
    wordErrors.mixed.push(
      countSpeakerWordErrors(
        call.words,
        aligned.turns.flatMap(({ words }) => words),
        LANGUAGE,
      ),
    );
    wordErrors.byChannel.push(countSpeakerWordErrors(call.words, await hearChannels(call, ruled, hearing), LANGUAGE));
  }
  return {
    ...conditions,
    calls: errors.rule.length,
    byChannels,
    derByRule: diarizationErrorRate(errors.rule),
    derByClusters: diarizationErrorRate(errors.clusters),
    cpWerMixed: speakerWordErrorRate(wordErrors.mixed),
    cpWerByChannel: speakerWordErrorRate(wordErrors.byChannel),
  };
}

function takeTurns(left: Side, right: Side): Utterance[] {
  return left.flatMap((own, index): Utterance[] => [
    { ...own, speaker: 0 },
    ...right.slice(index, index + 1).map((other) => ({ ...other, speaker: 1 as const })),
  ]);
}

/** Words of each channel where its speaker speaks; the left one begins, so it is S1. */
async function hearChannels(call: Call, { turns }: Diarization, { transcriber }: Hearing): Promise<{ text: string; speaker: string }[]> {
  const words: { text: string; speaker: string }[] = [];
  for (const [speaker, samples] of [
    ['S1', call.left],
    ['S2', call.right],
  ] as const) {
    const own: Span[] = turns.filter((turn) => turn.speaker === speaker);
    const { segments } = await transcribePieces(transcriber, sourceOf(samples), own);
    words.push(...segments.flatMap((segment) => segment.words.map(({ text }) => ({ text, speaker }))));
  }
  return words;
}
