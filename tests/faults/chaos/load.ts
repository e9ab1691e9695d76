import { setTimeout as sleep } from 'node:timers/promises';
import type { IngestAccepted } from '../../../contracts/api.ts';
import type { FaultStack } from '../fault-stack.ts';
import { pitchWord } from '../tones.ts';
import { makeWav } from '../../workflows/wav.ts';
import type { ChaosPlan, PlannedLecture } from './plan.ts';
import { checkHits, type Findings } from './findings.ts';

const ASK_EVERY_MS = 700;

/** A lecture as its client knows it. */
export interface ClientLecture extends PlannedLecture {
  /** What the API promised; each upload with the lecture's idempotency key gives the same. */
  accepted?: IngestAccepted;
  /** When its deletion was acknowledged, on the clock of `performance.now`. */
  deletedAtMs?: number;
  /** What search found of it when its deletion was asked for, if it had come so far. */
  generationBeforeDeletion?: string | null;
  /** How many of its edits were sent, and acknowledged. */
  sentMends: number;
  /** True once search has followed the last edit: from then on what was corrected is said no more. */
  isSettled: boolean;
}

/** Uploads, deletes, edits and asks as the plan says; returns when the last upload, deletion and edit is acknowledged and `isOver` says so. */
export async function loadStack(stack: FaultStack, plan: ChaosPlan, findings: Findings, isOver: () => boolean): Promise<ClientLecture[]> {
  const lectures: ClientLecture[] = plan.lectures.map((lecture) => ({ ...lecture, sentMends: 0, isSettled: false }));
  const writing = lectures.map((lecture) => ingestOne(stack, lecture, findings));
  let isWriting = true;
  const asking = askForEver(stack, lectures, findings, () => isOver() && !isWriting);
  await Promise.all(writing);
  isWriting = false;
  await asking;
  return lectures;
}

async function ingestOne(stack: FaultStack, lecture: ClientLecture, findings: Findings): Promise<void> {
  const client = stack.clients[lecture.tenant];
  await sleep(lecture.uploadAtMs);
  const key = `chaos-${lecture.number}`;
  const recording = makeWav(lecture.seconds, lecture.hertz);
  const accepted = await client.ingest(recording, key);
  lecture.accepted = accepted;
  if (lecture.deleteAfterMs === null) {
    // As a client would whose answer was lost on the way.
    const again = await client.ingest(recording, key);
    if (again.lectureId !== accepted.lectureId || again.jobId !== accepted.jobId) {
      findings.duplicated(`${key} was answered with ${accepted.jobId} and with ${again.jobId}`);
    }
    await mendOne(stack, lecture, accepted);
    return;
  }
  await sleep(lecture.deleteAfterMs);
  // Only a look: an index that is too busy for it leaves the rest of the check as it is.
  lecture.generationBeforeDeletion = await stack.truth.index.activeGeneration(lecture.tenant, accepted.lectureId).catch(() => null);
  await client.deleteLecture(accepted.lectureId);
  lecture.deletedAtMs = performance.now();
}

async function mendOne(stack: FaultStack, lecture: ClientLecture, { jobId, lectureId }: IngestAccepted): Promise<void> {
  if (lecture.mends.length === 0) return;
  const client = stack.clients[lecture.tenant];
  // One that failed is found to be lost at the end.
  if ((await client.untilEnded(jobId)).state !== 'completed') return;
  for (const { afterMs, wordIndex, text } of lecture.mends) {
    await sleep(afterMs);
    lecture.sentMends += 1;
    await client.mendWord(lectureId, wordIndex, text);
  }
}

/** Both tenants ask for own and foreign lectures, whatever the stack is going through. */
async function askForEver(stack: FaultStack, lectures: ClientLecture[], findings: Findings, isOver: () => boolean): Promise<void> {
  for (let turn = 0; !isOver(); turn += 1) {
    const asked = lectures[turn % lectures.length]!;
    for (const client of Object.values(stack.clients)) {
      const sentAtMs = performance.now();
      const response = await client.query(`What does ${pitchWord(asked.hertz)} explain?`).catch(() => undefined);
      findings.count(response === undefined ? 'refusedQueries' : 'answeredQueries');
      if (response !== undefined) checkHits(response, { client, lectures, sentAtMs, findings });
    }
    await sleep(ASK_EVERY_MS);
  }
}
