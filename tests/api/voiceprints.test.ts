import { afterAll, beforeAll, expect, it } from 'vitest';
import { ProblemSchema } from '../../contracts/api.ts';
import { SpeakerListSchema, type SpeakerList } from '../../contracts/speakers.ts';
import { VoiceprintListSchema, VoiceprintViewSchema, type VoiceprintList } from '../../contracts/voiceprints.ts';
import type { TemporalServer } from '../../cli/embedded/temporal-server.ts';
import type { Diarizer } from '../../inference/diarizer.ts';
import { openDefaultDiarizer } from '../diarization/default-diarizer.ts';
import { DEMO_LECTURE, openWorkbench } from '../media/recordings.ts';
import { startTestTemporal } from '../support/temporal-server.ts';
import { findSpeakers, storeExcerpt, type Excerpt } from './demo-excerpt.ts';
import { ask, OWN_TENANT, startTestApi, type TestApi } from './test-api.ts';

/** Nobody's name in the demo lecture, and found in no other string. */
const NAME = 'Ada Quistenborough';

let temporal: TemporalServer;
let api: TestApi;
let diarizer: Diarizer;
/** The lecturer with the first questioner, the lecturer with the second, and the first excerpt at another university. */
let first: Excerpt;
let second: Excerpt;
let foreign: Excerpt;

beforeAll(async () => {
  diarizer = await openDefaultDiarizer();
  temporal = await startTestTemporal();
  api = await startTestApi(temporal.address);
  const workbench = await openWorkbench();
  const samples = await workbench.decode(DEMO_LECTURE);
  await workbench.close();
  first = await storeExcerpt(api, OWN_TENANT, samples, { startSeconds: 51, endSeconds: 91 });
  second = await storeExcerpt(api, OWN_TENANT, samples, { startSeconds: 165, endSeconds: 205 });
  foreign = await storeExcerpt(api, 'foreign-uni', samples, { startSeconds: 51, endSeconds: 91 });
  for (const excerpt of [first, second, foreign]) await findSpeakers(api, diarizer, excerpt);
});
afterAll(async () => {
  await diarizer?.close();
  await api?.close();
  await temporal?.stop();
});

type Who = 'own' | 'foreign';
const send = (who: Who, method: string, path: string, body?: unknown): Promise<Response> =>
  ask(api.url, api.apiKeys[who], path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
const turn = async (who: Who, voiceprints: boolean): Promise<unknown> =>
  (await send(who, 'PATCH', '/api/v1/settings', { voiceprints })).json();
const enrol = (who: Who, { lectureId }: Excerpt, speaker: string): Promise<Response> =>
  send(who, 'POST', '/api/v1/voiceprints', { name: NAME, lectureId, speaker });
const voiceprints = async (who: Who): Promise<VoiceprintList['voiceprints']> =>
  VoiceprintListSchema.parse(await (await send(who, 'GET', '/api/v1/voiceprints')).json()).voiceprints;
const speakers = async (who: Who, { lectureId }: Excerpt): Promise<SpeakerList['speakers']> =>
  SpeakerListSchema.parse(await (await send(who, 'GET', `/api/v1/lectures/${lectureId}/speakers`)).json()).speakers;
const problemOf = async (response: Response): Promise<string> => `${response.status} ${ProblemSchema.parse(await response.json()).detail}`;
async function keptVoices(): Promise<string[]> {
  return (await api.storedFiles()).filter((folder) => /voices\/|voiceprints/.test(folder));
}

it('keeps, enrols and suggests nothing until the tenant turns it on', async () => {
  expect(await (await send('own', 'GET', '/api/v1/settings')).json()).toEqual({
    voiceprints: false,
    languageModelContexts: false,
    quotas: {},
  });
  expect(await keptVoices()).toEqual([]);
  expect(await problemOf(await enrol('own', first, 'S1'))).toBe('409 voiceprints are off for this tenant');
  expect(await turn('own', true)).toEqual({ voiceprints: true, languageModelContexts: false, quotas: {} });
  expect(await problemOf(await enrol('own', first, 'S1'))).toBe('409 the voices of this lecture were not kept');
  expect(await voiceprints('own')).toEqual([]);
});

it('takes the lecturer’s voice from labelled turns, and no voice of too little speech', async () => {
  for (const excerpt of [first, second, foreign]) await findSpeakers(api, diarizer, excerpt);
  expect((await keptVoices()).length).toBe(2);
  expect(await problemOf(await enrol('own', first, 'S9'))).toMatch(/^400 S9 speaks alone for 0\.0 s here, 5 s are needed$/);
  const response = await enrol('own', first, 'S1');
  expect(response.status).toBe(201);
  const enrolled = VoiceprintViewSchema.parse(await response.json());
  expect(enrolled).toMatchObject({ name: NAME, samples: [{ lectureId: first.lectureId, speaker: 'S1', model: { name: 'campplus' } }] });
  expect(enrolled.samples[0]!.cleanSeconds).toBeGreaterThan(15);
  expect(JSON.stringify(await voiceprints('own'))).not.toContain('vector');
});

it('suggests the name in another lecture, with score and margin, and renames nobody', async () => {
  const [lecturer, questioner] = await speakers('own', second);
  expect(lecturer).toMatchObject({ speaker: 'S1', role: 'lecturer', suggestion: { suggestedName: NAME, margin: null } });
  expect(lecturer!.suggestion!.score).toBeGreaterThan(0.7);
  expect(questioner).toMatchObject({ speaker: 'S2', role: 'questioner' });
  expect(questioner!.suggestion).toBeUndefined();
  expect((await api.lectures.get(OWN_TENANT, second.lectureId))?.speakerNames).toEqual({});
});

it('shows another tenant nothing, with the same recording and the same choice', async () => {
  await turn('foreign', true);
  await findSpeakers(api, diarizer, foreign);
  expect(await voiceprints('foreign')).toEqual([]);
  expect((await speakers('foreign', foreign)).filter(({ suggestion }) => suggestion !== undefined)).toEqual([]);
  expect((await enrol('foreign', first, 'S1')).status).toBe(404);
  const [own] = await voiceprints('own');
  expect((await send('foreign', 'DELETE', `/api/v1/voiceprints/${own!.voiceprintId}`)).status).toBe(404);
  expect(await turn('foreign', false)).toEqual({ voiceprints: false, languageModelContexts: false, quotas: {} });
  expect(await voiceprints('own')).toEqual([own]);
  expect((await keptVoices()).filter((folder) => folder.includes('foreign-uni'))).toEqual([]);
});

it('names a speaker when it is told to, at once in every format, and takes the name away again', async () => {
  const path = `/api/v1/lectures/${second.lectureId}/speakers/S1`;
  const span = { startSeconds: 0, endSeconds: 1, text: 'Codes.', context: null, words: [] };
  const chunk = { ordinal: 0, speaker: 'S1', ...span, dense: Float32Array.of(1, 0), sparse: { indices: [], values: [] } };
  await api.index.writeChunks(OWN_TENANT, { lectureId: second.lectureId }, 'g1', [chunk]);
  await api.index.activate(OWN_TENANT, { lectureId: second.lectureId }, 'g1', 1, null);
  const named = SpeakerListSchema.parse(await (await send('own', 'PUT', path, { name: NAME })).json()).speakers[0];
  expect(named).toMatchObject({ speaker: 'S1', name: NAME });
  expect(named!.suggestion).toBeUndefined();
  const transcript = (format: string): Promise<string> =>
    send('own', 'GET', `/api/v1/lectures/${second.lectureId}/transcript?format=${format}`).then((response) => response.text());
  for (const format of ['vtt', 'srt', 'md', 'json']) expect(await transcript(format)).toContain(NAME);
  expect(await transcript('tsv')).toMatch(/^start\tend\tspeaker\tsource\tconfidence\tword\n\S+\t\S+\tS1\toverlap\t1\.000\t/);
  expect((await send('own', 'PUT', `/api/v1/lectures/${second.lectureId}/speakers/S9`, { name: NAME })).status).toBe(404);
  expect((await send('own', 'PUT', path, { name: 'two\nlines' })).status).toBe(400);
  expect((await api.index.getChunks(OWN_TENANT, [`${second.lectureId}:g1:0`]))[0]).toMatchObject({ speaker: 'S1', speakerName: NAME });
  await send('own', 'PUT', path, { name: null });
  expect((await speakers('own', second))[0]).toMatchObject({ suggestion: { suggestedName: NAME } });
});

it('puts no name into a key of the store', async () => {
  expect((await api.storedFiles()).join('\n')).not.toContain('Quistenborough');
});

it('forgets a voice with the lecture that it came from', async () => {
  expect((await send('own', 'DELETE', `/api/v1/lectures/${first.lectureId}`)).status).toBe(204);
  expect(await voiceprints('own')).toEqual([]);
  expect((await speakers('own', second))[0]!.suggestion).toBeUndefined();
});

it('deletes a voiceprint, and all of them with the voices of every lecture when it is turned off', async () => {
  const { voiceprintId } = VoiceprintViewSchema.parse(await (await enrol('own', second, 'S1')).json());
  expect((await send('own', 'DELETE', `/api/v1/voiceprints/${voiceprintId}`)).status).toBe(204);
  expect((await send('own', 'DELETE', `/api/v1/voiceprints/${voiceprintId}`)).status).toBe(404);
  expect((await enrol('own', second, 'S1')).status).toBe(201);
  expect(await turn('own', false)).toEqual({ voiceprints: false, languageModelContexts: false, quotas: {} });
  expect(await keptVoices()).toEqual([]);
  expect(await voiceprints('own')).toEqual([]);
  // What was turned off and on again begins with nothing.
  await turn('own', true);
  expect(await problemOf(await enrol('own', second, 'S1'))).toBe('409 the voices of this lecture were not kept');
  expect((await speakers('own', second))[0]!.role).toBe('lecturer');
});
