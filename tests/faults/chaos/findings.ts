import type { QueryResponse } from '../../../contracts/query.ts';
import type { FaultClient } from '../fault-client.ts';
import { wordsOf } from '../tones.ts';
import type { ClientLecture } from './load.ts';

type Invariant = 'lost' | 'duplicated' | 'mixed' | 'leaked';
type Counter = 'refusedQueries' | 'answeredQueries';

/** What went wrong, each told once. */
export interface Findings extends Record<Invariant, (what: string) => void> {
  count(counter: Counter): void;
  readonly counters: Record<Counter, number>;
  readonly totals: Record<Invariant, number>;
}

export function createFindings(report: (line: string) => void): Findings {
  const seen: Record<Invariant, Set<string>> = { lost: new Set(), duplicated: new Set(), mixed: new Set(), leaked: new Set() };
  const counters = { refusedQueries: 0, answeredQueries: 0 };
  const finder = (invariant: Invariant) => (what: string) => {
    if (seen[invariant].has(what)) return;
    seen[invariant].add(what);
    report(`${invariant.toUpperCase()}: ${what}`);
  };
  return {
    lost: finder('lost'),
    duplicated: finder('duplicated'),
    mixed: finder('mixed'),
    leaked: finder('leaked'),
    count: (counter) => (counters[counter] += 1),
    counters,
    get totals() {
      return { lost: seen.lost.size, duplicated: seen.duplicated.size, mixed: seen.mixed.size, leaked: seen.leaked.size };
    },
  };
}

interface Asked {
  client: FaultClient;
  lectures: readonly ClientLecture[];
  /** When the question was sent, on the clock of `performance.now`. */
  sentAtMs: number;
  findings: Findings;
}

/** Hits are the tenant's own, of lectures that are there, one generation each, and say nothing that was not said. */
export function checkHits({ hits, answer }: QueryResponse, { client, lectures, sentAtMs, findings }: Asked): void {
  const generations = new Map<string, Set<string>>();
  const passages = [...hits, ...(answer?.citations ?? []).map(({ quote, ...citation }) => ({ ...citation, text: quote }))];
  for (const { lectureId, chunkId, text } of passages) {
    const lecture = lectures.find((candidate) => candidate.accepted?.lectureId === lectureId);
    if (lecture === undefined) {
      // Its upload may be done and its acknowledgement still on the way; the tenant shows in the words.
      if (!lectures.some((other) => other.tenant === client.tenantId && isSaidIn(other, text))) {
        findings.leaked(`${client.tenantId} was shown ${chunkId}, of no lecture of its own`);
      }
      continue;
    }
    if (lecture.tenant !== client.tenantId) findings.leaked(`${client.tenantId} was shown ${chunkId} of ${lecture.tenant}`);
    if (lecture.deletedAtMs !== undefined && lecture.deletedAtMs < sentAtMs) findings.leaked(`${chunkId} was shown after its deletion`);
    if (!isSaidIn(lecture, text)) findings.mixed(`${chunkId} says what was not said: ${text.slice(0, 80)}`);
    const generation = chunkId.split(':')[1] ?? '';
    generations.set(lectureId, (generations.get(lectureId) ?? new Set()).add(generation));
  }
  for (const [lectureId, found] of generations) {
    if (found.size > 1) findings.mixed(`one answer held ${[...found].join(' and ')} of ${lectureId}`);
  }
  if (new Set(hits.map(({ chunkId }) => chunkId)).size !== hits.length) findings.duplicated(`one answer held a passage twice`);
}

/** All that a lecture says, in its order, with the edits that were acknowledged. */
export function currentWords(lecture: ClientLecture): string[] {
  return wordsAt(lecture, lecture.sentMends);
}

function wordsAt({ hertz, seconds, mends }: ClientLecture, made: number): string[] {
  const words = wordsOf(hertz, seconds);
  for (const { wordIndex, text } of mends.slice(0, made)) words[wordIndex] = text;
  return words;
}

/** Whether a revision that search may show at this time says so: any, until the last one is published. */
function isSaidIn(lecture: ClientLecture, text: string): boolean {
  const made = lecture.isSettled ? [lecture.sentMends] : Array.from({ length: lecture.sentMends + 1 }, (_, number) => number);
  return made.some((number) => wordsAt(lecture, number).join(' ').includes(text));
}
