import { ChunksSchema } from '../../../contracts/transcript.ts';
import { JobPageSchema } from '../../../contracts/api.ts';
import { createArtifactStore } from '../../../storage/artifacts.ts';
import { lecturePrefix } from '../../../storage/keys.ts';
import { createLectureStore } from '../../../storage/lectures.ts';
import type { FaultStack } from '../fault-stack.ts';
import { pitchWord } from '../tones.ts';
import { untilTrue } from '../until-true.ts';
import { checkHits, currentWords, type Findings } from './findings.ts';
import type { ClientLecture } from './load.ts';

/** Waits until every job of every tenant has ended, however it did. */
export async function untilJobsEnded(stack: FaultStack): Promise<void> {
  for (const client of Object.values(stack.clients)) {
    await client.untilReady();
    await untilTrue(`the jobs of ${client.tenantId} end`, async () => {
      const response = await client.ask('/api/v1/jobs?limit=50').catch(() => undefined);
      if (response?.ok !== true) return false;
      return JobPageSchema.parse(await response.json()).jobs.every(({ state }) => state !== 'running');
    });
  }
}

/** Waits until search says what the transcripts say, and tells the lectures so. */
export async function untilPublished(stack: FaultStack, lectures: readonly ClientLecture[]): Promise<void> {
  for (const lecture of lectures) {
    const { accepted, tenant } = lecture;
    if (accepted !== undefined && lecture.sentMends > 0) {
      await untilTrue(`the edits of ${accepted.lectureId} are published`, async () => {
        const seen = await stack.clients[tenant].lecture(accepted.lectureId);
        return seen?.headRevision === seen?.publishedRevision;
      });
    }
    lecture.isSettled = true;
  }
}

/** Looks at the healed stack from outside and, around it, at what its stores hold. */
export async function checkEnd(stack: FaultStack, lectures: readonly ClientLecture[], findings: Findings): Promise<void> {
  for (const lecture of lectures) {
    await (lecture.deletedAtMs === undefined ? checkServed(stack, lecture, findings) : checkGone(stack, lecture, findings));
    await checkForeign(stack, lecture, findings);
  }
  for (const client of Object.values(stack.clients)) {
    const promised = new Set(
      lectures.flatMap(({ tenant, accepted, deletedAtMs }) =>
        tenant === client.tenantId && accepted !== undefined && deletedAtMs === undefined ? [accepted.lectureId] : [],
      ),
    );
    for await (const { lectureId } of createLectureStore(stack.truth.objects).list(client.tenantId)) {
      if (!promised.has(lectureId)) findings.duplicated(`${client.tenantId} has a lecture ${lectureId} that nobody was promised`);
    }
    for (const { lectureId } of await stack.truth.index.catalogue(client.tenantId)) {
      if (!promised.has(lectureId)) findings.leaked(`the index of ${client.tenantId} holds ${lectureId}, which is not there`);
    }
    for (const asked of lectures) {
      const sentAtMs = performance.now();
      checkHits(await client.query(pitchWord(asked.hertz), { limit: 50 }), { client, lectures, sentAtMs, findings });
    }
  }
}

/** An acknowledged lecture is ready, says all that was said, and its passages are those of its transcript, each once. */
async function checkServed(stack: FaultStack, lecture: ClientLecture, findings: Findings): Promise<void> {
  const { tenant, accepted } = lecture;
  const id = accepted?.lectureId ?? '';
  const client = stack.clients[tenant];
  const seen = await client.lecture(id);
  if (seen?.state !== 'ready') {
    findings.lost(`${id} is ${seen?.state ?? 'gone'}: ${seen?.failure?.message ?? ''}`);
    return;
  }
  const said = currentWords(lecture);
  const heard = (await client.transcript(id)).turns.flatMap((turn) => turn.words.map(({ text }) => text));
  const wrong = said.findIndex((word, index) => heard[index] !== word);
  if (heard.length !== said.length || wrong !== -1) {
    findings.lost(`${id} has ${heard.length} of ${said.length} words; number ${wrong} is ${heard[wrong]}, not ${said[wrong]}`);
  }

  const { truth } = stack;
  const document = await createLectureStore(truth.objects).get(tenant, id);
  const generation = await truth.index.activeGeneration(tenant, id);
  if (generation === null || generation !== document?.generation) {
    findings.mixed(`${id} serves ${generation ?? 'nothing'}, its document says ${document?.generation ?? 'nothing'}`);
    return;
  }
  const { chunks } = await createArtifactStore({ objects: truth.objects }).read({ key: document.artifacts.chunks ?? '' }, ChunksSchema);
  const count = await truth.index.countChunks(tenant, id, generation);
  if (count !== chunks.length) findings.mixed(`${id} serves ${count} of ${chunks.length} passages`);
  const ids = chunks.map(({ ordinal }) => `${id}:${generation}:${ordinal}`);
  const stored = await truth.index.getChunks(tenant, ids);
  const texts = new Map(stored.map(({ ordinal, text }) => [ordinal, text]));
  if (stored.length !== texts.size) findings.duplicated(`${id} has passages twice`);
  for (const { ordinal, text } of chunks) {
    if (texts.get(ordinal) !== text) findings.mixed(`passage ${ordinal} of ${id} is not the one of its transcript`);
  }
}

/** What is deleted stays deleted, in every store. */
async function checkGone(stack: FaultStack, lecture: ClientLecture, findings: Findings): Promise<void> {
  const { tenant, accepted, generationBeforeDeletion: generation = null } = lecture;
  const id = accepted?.lectureId ?? '';
  if ((await stack.clients[tenant].lecture(id)) !== undefined) findings.leaked(`${id} is there after its deletion`);
  for await (const { key } of stack.truth.objects.list(lecturePrefix(tenant, id))) findings.leaked(`${key} is left of a deleted lecture`);
  const { index } = stack.truth;
  if ((await index.activeGeneration(tenant, id)) !== null) findings.leaked(`the index serves ${id} after its deletion`);
  if (generation !== null && (await index.countChunks(tenant, id, generation)) > 0) {
    findings.leaked(`the index holds passages of ${id} after its deletion`);
  }
}

/** To every other tenant a lecture is as unknown as one that never was. */
async function checkForeign(stack: FaultStack, { tenant, accepted }: ClientLecture, findings: Findings): Promise<void> {
  for (const stranger of Object.values(stack.clients).filter(({ tenantId }) => tenantId !== tenant)) {
    for (const path of [`lectures/${accepted?.lectureId}`, `lectures/${accepted?.lectureId}/transcript`, `jobs/${accepted?.jobId}`]) {
      const { status } = await stranger.ask(`/api/v1/${path}`);
      if (status !== 404) findings.leaked(`${stranger.tenantId} is answered ${status} for ${path} of ${tenant}`);
    }
  }
}
