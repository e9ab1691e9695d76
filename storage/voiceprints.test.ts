import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VoiceSample } from '../contracts/voiceprints.ts';
import { openFilesystemObjectStore } from './filesystem-object-store.ts';
import { artifactKey, isVoicesKey, lectureKey, toLectureId } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { createTenantSettingsStore } from './tenant-settings.ts';
import { createVoiceprintStore, type VoiceprintStore } from './voiceprints.ts';

const lecture = (number: number): string => toLectureId('tum', number.toString(16).padStart(64, '0'));

function sampleOf(number: number, speaker = 'S1'): VoiceSample {
  return {
    lectureId: lecture(number),
    speaker,
    cleanSeconds: 30,
    model: { name: 'campplus', revision: '1', precision: 'fp32' },
    enrolledAt: new Date(2026, 0, 1, 0, 0, number).toISOString(),
    vector: Buffer.from(Float32Array.of(1, number).buffer).toString('base64'),
  };
}

let root: string;
let objects: ObjectStore;
let voiceprints: VoiceprintStore;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lectern-voiceprints-'));
  objects = await openFilesystemObjectStore(root);
  voiceprints = createVoiceprintStore(objects);
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** All that lies on the disk, names of files and their contents. */
async function onDisk(): Promise<string> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const contents = entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8'));
  return [...entries.map((entry) => join(entry.parentPath, entry.name)), ...(await Promise.all(contents))].join('\n');
}

describe('voiceprints', () => {
  it('gather the samples of a name, whatever its case, and belong to their tenant alone', async () => {
    const first = await voiceprints.enrol('tum', 'Ines Müller', sampleOf(1));
    const second = await voiceprints.enrol('tum', 'ines mu\u0308ller', sampleOf(2));
    expect(second).toMatchObject({ voiceprintId: first.voiceprintId, name: 'Ines Müller' });
    expect(second.samples.map((sample) => sample.lectureId)).toEqual([lecture(1), lecture(2)]);
    expect(await voiceprints.list('tum')).toEqual([second]);
    expect(await voiceprints.list('eth')).toEqual([]);
    await expect(voiceprints.delete('eth', first.voiceprintId)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('hold a speaker of a lecture once, and the newest twenty in all', async () => {
    for (let number = 1; number <= 22; number++) await voiceprints.enrol('tum', 'Ines', sampleOf(number));
    const { samples } = await voiceprints.enrol('tum', 'Ines', sampleOf(22));
    expect(samples.map((sample) => sample.lectureId)).toEqual(Array.from({ length: 20 }, (_, index) => lecture(index + 3)));
  });

  it('are all there after enrolments at once', async () => {
    const names = ['Ines', 'Tom', 'Ada'];
    await Promise.all(Array.from({ length: 12 }, (_, index) => voiceprints.enrol('tum', names[index % 3]!, sampleOf(index))));
    const found = await voiceprints.list('tum');
    expect(found.map(({ name, samples }) => [name, samples.length])).toEqual([
      ['Ada', 4],
      ['Ines', 4],
      ['Tom', 4],
    ]);
  });

  it('leave nothing on the disk when they are deleted', async () => {
    const { voiceprintId } = await voiceprints.enrol('tum', 'Ines Unmistakable', sampleOf(1));
    await voiceprints.enrol('tum', 'Tom', sampleOf(2));
    expect(await onDisk()).toContain('Ines Unmistakable');
    await voiceprints.delete('tum', voiceprintId);
    expect(await onDisk()).not.toContain('Unmistakable');
    expect(await onDisk()).not.toContain(sampleOf(1).vector);
    await expect(voiceprints.delete('tum', voiceprintId)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('forget a lecture, and who is nothing without it', async () => {
    await voiceprints.enrol('tum', 'Ines', sampleOf(1));
    await voiceprints.enrol('tum', 'Ines', sampleOf(2));
    await voiceprints.enrol('tum', 'Tom', sampleOf(1, 'S2'));
    await voiceprints.forgetLecture('tum', lecture(1));
    expect((await voiceprints.list('tum')).map(({ name, samples }) => [name, samples.length])).toEqual([['Ines', 1]]);
  });

  it('forget a tenant with the voices of its lectures, and nothing else', async () => {
    await voiceprints.enrol('tum', 'Ines', sampleOf(1));
    await voiceprints.enrol('eth', 'Tom', sampleOf(1));
    const digest = 'a'.repeat(64);
    const kept = [
      lectureKey('tum', lecture(1)),
      artifactKey('tum', lecture(1), 'diarize', digest),
      artifactKey('eth', toLectureId('eth', digest), 'voices', digest),
    ];
    for (const key of [...kept, artifactKey('tum', lecture(1), 'voices', digest), artifactKey('tum', lecture(2), 'voices', digest)]) {
      await objects.put(key, Buffer.from('{}'));
    }
    await voiceprints.forgetTenant('tum');
    expect(await voiceprints.list('tum')).toEqual([]);
    expect(await voiceprints.list('eth')).toHaveLength(1);
    const left: string[] = [];
    for await (const { key } of objects.list('tenants/')) if (!key.endsWith('voiceprints.json')) left.push(key);
    expect(left.sort()).toEqual(kept.sort());
    expect(left.filter(isVoicesKey)).toHaveLength(1);
    await voiceprints.forgetTenant('tum');
  });

  it('say nothing of their contents when they are damaged', async () => {
    await voiceprints.enrol('tum', 'Ines', sampleOf(1));
    for await (const { key } of objects.list('tenants/tum/')) {
      await objects.put(key, Buffer.from(JSON.stringify({ voiceprints: [{ name: 'Ines Secret\u0007' }] })));
    }
    const failed = await voiceprints.list('tum').catch((error: unknown) => error);
    expect(failed).toMatchObject({ kind: 'internal', message: 'tenants/tum/voiceprints.json is damaged: voiceprints' });
  });
});

describe('settings of a tenant', () => {
  it('are off until they are turned on, each tenant its own', async () => {
    const settings = createTenantSettingsStore(objects);
    expect(await settings.get('tum')).toEqual({ voiceprints: false, languageModelContexts: false, quotas: {} });
    expect(await settings.update('tum', { voiceprints: true })).toEqual({ voiceprints: true, languageModelContexts: false, quotas: {} });
    expect(await settings.update('tum', {})).toEqual({ voiceprints: true, languageModelContexts: false, quotas: {} });
    expect(await settings.get('tum')).toEqual({ voiceprints: true, languageModelContexts: false, quotas: {} });
    expect(await settings.get('eth')).toEqual({ voiceprints: false, languageModelContexts: false, quotas: {} });
  });
});
