import { seededRandom } from '../../../eval/metrics/seeded-random.ts';
import { SENTENCE_SECONDS, SENTENCE_WORDS } from '../tones.ts';
import { TENANTS, type FaultTenant } from '../fault-stack.ts';

const LECTURES = 20;
const DELETIONS = 4;
/** Each of two words, while the lecture is new. */
const EDITED_LECTURES = 10;
const EDITS = 2;
const EDITED_WITHIN_MS = 20_000;
/** Of one, two and three pieces. */
const LENGTHS_SECONDS = [40, 200, 310, 620, 920];
const FIRST_HERTZ = 300;
/** Faults begin and uploads come within these parts of the time; the rest lets the last fault play out. */
const FAULTS_UNTIL = 0.9;
const UPLOADS_UNTIL = 0.7;
const GAP_MS = { least: 5_000, most: 12_000 };

export const FAULT_KINDS = ['kill-worker', 'kill-api', 'kill-temporal', 'cut-objects', 'slow-objects', 'cut-index', 'slow-index'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Shares of 100. */
const SHARES: Record<FaultKind, number> = {
  'kill-worker': 40,
  'kill-api': 15,
  'kill-temporal': 10,
  'cut-objects': 10,
  'slow-objects': 10,
  'cut-index': 8,
  'slow-index': 7,
};

export interface PlannedFault {
  kind: FaultKind;
  atMs: number;
  /** How long it stays dead, cut or slow. */
  lastsMs: number;
  /** Which worker. */
  worker: number;
  /** Of a slow link. */
  latencyMs: number;
}

/** A word of the transcript that its lecturer corrects. */
export interface PlannedMend {
  /** After the lecture was ready. */
  afterMs: number;
  wordIndex: number;
  text: string;
}

export interface PlannedLecture {
  number: number;
  tenant: FaultTenant;
  hertz: number;
  seconds: number;
  uploadAtMs: number;
  /** After its upload was acknowledged: in mid-ingest, or when it is ready. */
  deleteAfterMs: number | null;
  mends: PlannedMend[];
}

export interface ChaosPlan {
  seed: number;
  durationMs: number;
  index: 'sqlite' | 'qdrant';
  lectures: PlannedLecture[];
  faults: PlannedFault[];
}

/** All that a chaos run does, and when: the same for the same seed. Even seeds search in Qdrant, odd ones in a SQLite file. */
export function planChaos(seed: number, durationMs: number, workers: number): ChaosPlan {
  const random = seededRandom(seed);
  const between = (least: number, most: number): number => Math.floor(least + random() * (most - least));
  const lectures = Array.from({ length: LECTURES }, (_, number): PlannedLecture => {
    const seconds = LENGTHS_SECONDS[between(0, LENGTHS_SECONDS.length)]!;
    const isEdited = number >= DELETIONS && number < DELETIONS + EDITED_LECTURES;
    return {
      number,
      tenant: TENANTS[number % TENANTS.length]!,
      hertz: FIRST_HERTZ + 10 * number + between(0, 10),
      seconds,
      uploadAtMs: between(0, durationMs * UPLOADS_UNTIL),
      deleteAfterMs: number < DELETIONS ? between(0, 30_000) : null,
      mends: Array.from({ length: isEdited ? EDITS : 0 }, (__, edit) => planMend(edit, seconds, between)),
    };
  });
  const index = seed % 2 === 0 ? 'qdrant' : 'sqlite';
  const faults: PlannedFault[] = [];
  for (let atMs = GAP_MS.least; atMs < durationMs * FAULTS_UNTIL; atMs += between(GAP_MS.least, GAP_MS.most)) {
    faults.push({
      kind: withoutLink(drawKind(random()), index),
      atMs,
      lastsMs: between(1_000, 12_000),
      worker: between(0, workers),
      latencyMs: between(200, 2_000),
    });
  }
  return { seed, durationMs, index, lectures, faults };
}

function planMend(edit: number, seconds: number, between: (least: number, most: number) => number): PlannedMend {
  const sentence = between(0, seconds / SENTENCE_SECONDS);
  return {
    afterMs: between(0, EDITED_WITHIN_MS),
    wordIndex: sentence * SENTENCE_WORDS + between(0, SENTENCE_WORDS),
    text: `mended${edit}in${sentence}.`,
  };
}

function drawKind(share: number): FaultKind {
  let rest = share * 100;
  for (const kind of FAULT_KINDS) {
    rest -= SHARES[kind];
    if (rest < 0) return kind;
  }
  return 'kill-worker';
}

/** A file has no link that could be cut: its share goes to the object store's. */
function withoutLink(kind: FaultKind, index: ChaosPlan['index']): FaultKind {
  if (index === 'qdrant') return kind;
  if (kind === 'cut-index') return 'cut-objects';
  return kind === 'slow-index' ? 'slow-objects' : kind;
}
