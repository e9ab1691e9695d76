import { Context } from '@temporalio/activity';
import type { ArtifactRef, CpuActivities, GpuActivities, IngestOutcome, StageContext } from '../../contracts/ingest.ts';
import { generationOf } from '../../contracts/stages.ts';

/** Activities that compute nothing and remember what they were asked, for the paths of the orchestration itself. */
export interface FakeActivities {
  cpu: CpuActivities;
  gpu: GpuActivities;
  calls: { name: string; input: StageContext }[];
  outcomes: IngestOutcome[];
  discarded: string[];
}

export interface FakeOptions {
  cpu?: Partial<CpuActivities>;
  gpu?: Partial<GpuActivities>;
  /** Start seconds of the pieces; `[]` is a recording without speech. */
  pieces?: number[];
  reused?: boolean;
}

export function createFakeActivities(options: FakeOptions = {}): FakeActivities {
  const calls: FakeActivities['calls'] = [];
  const outcomes: IngestOutcome[] = [];
  const discarded: string[] = [];
  const reused = options.reused ?? false;
  const pieces = (options.pieces ?? [0, 300, 600]).map((startSeconds) => ({ startSeconds, endSeconds: startSeconds + 300 }));

  const stage = (name: string) => ({ artifact: fakeRef(name), reused });
  const cpu: CpuActivities = {
    prepare: async () => ({ ...stage('prepare'), durationSeconds: 900 }),
    joinTranscription: async (input) => ({ ...stage('transcribe'), language: 'en', words: input.pieces.length * 700 }),
    align: async () => stage('align'),
    chunk: async () => ({ ...stage('chunk'), chunks: 12 }),
    contextualize: async () => ({ ...stage('contextualize'), contextualized: true }),
    index: async (input) => ({ generation: generationOf(input.embeddings), chunks: 12, reused }),
    recordOutcome: async ({ outcome }) => void outcomes.push(outcome),
    discardGeneration: async ({ generation }) => void discarded.push(generation),
    ...options.cpu,
  };
  const gpu: GpuActivities = {
    detectSpeech: async () => ({ ...stage('detectSpeech'), pieces, speechSeconds: pieces.length * 300 }),
    transcribePiece: async (input) => ({ ...stage(`piece-${input.piece.startSeconds}`), language: 'en', words: 700 }),
    diarize: async () => ({ ...stage('diarize'), speakers: 3 }),
    embed: async () => stage('embed'),
    ...options.gpu,
  };
  return { cpu: recording(cpu, calls), gpu: recording(gpu, calls), calls, outcomes, discarded };
}

/** An activity that goes on until it is cancelled, heartbeating as real ones do. */
export async function untilCancelled(): Promise<never> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), 50);
  try {
    return await context.cancelled;
  } finally {
    clearInterval(timer);
  }
}

function fakeRef(name: string): ArtifactRef {
  return { key: `tenants/demo/lectures/lec_0123456789abcdef01234567/artifacts/${name}/x.json`, digest: name.padEnd(64, '0') };
}

function recording<Activities extends object>(activities: Activities, calls: FakeActivities['calls']): Activities {
  const wrapped = Object.entries(activities).map(([name, activity]: [string, (input: StageContext) => Promise<unknown>]) => [
    name,
    async (input: StageContext) => {
      calls.push({ name, input });
      return activity(input);
    },
  ]);
  return Object.fromEntries(wrapped) as Activities;
}
