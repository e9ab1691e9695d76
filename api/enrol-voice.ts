import { LecternError } from '../contracts/errors.ts';
import type { TenantId } from '../contracts/identity.ts';
import { MIN_ENROLMENT_SECONDS, type EnrolVoice, type Voiceprint, type VoiceSample } from '../contracts/voiceprints.ts';
import type { ApiDeps } from './dependencies.ts';
import { getLecture } from './get-lecture.ts';
import { readVoices } from './lecture-voices.ts';

export type EnrolDeps = Pick<ApiDeps, 'settings' | 'lectures' | 'artifacts' | 'voiceprints'>;

/**
 * Puts a name to the voice of a speaker of a lecture. Errors: `conflict` unless the tenant has opted in and the lecture's voices were
 * kept, `not-found`, `invalid-input` for a voice of too little speech.
 */
export async function enrolVoice(deps: EnrolDeps, tenantId: TenantId, { name, lectureId, speaker }: EnrolVoice): Promise<Voiceprint> {
  if (!(await hasOptedIn(deps, tenantId))) throw turnedOff();
  const sample = await takeSample(deps, tenantId, { lectureId, speaker });
  const voiceprint = await deps.voiceprints.enrol(tenantId, name, sample);
  // Deletions come after the switch or before the document goes, so what was deleted meanwhile is seen here or there.
  if (!(await hasOptedIn(deps, tenantId))) {
    await deps.voiceprints.forgetTenant(tenantId);
    throw turnedOff();
  }
  if ((await deps.lectures.get(tenantId, lectureId)) === undefined) await deps.voiceprints.forgetLecture(tenantId, lectureId);
  return voiceprint;
}

async function takeSample(
  { lectures, artifacts }: EnrolDeps,
  tenantId: TenantId,
  { lectureId, speaker }: Omit<EnrolVoice, 'name'>,
): Promise<VoiceSample> {
  const lecture = await getLecture(lectures, tenantId, lectureId);
  const kept = await readVoices(artifacts, lecture);
  if (kept === undefined) {
    throw new LecternError('conflict', 'the voices of this lecture were not kept', {
      cure: 'Ingest its recording again: voices are kept while voiceprints are on.',
    });
  }
  const voice = kept.voices.find((candidate) => candidate.speaker === speaker);
  if (voice === undefined || voice.cleanSeconds < MIN_ENROLMENT_SECONDS) {
    const seconds = (voice?.cleanSeconds ?? 0).toFixed(1);
    throw new LecternError('invalid-input', `${speaker} speaks alone for ${seconds} s here, ${MIN_ENROLMENT_SECONDS} s are needed`, {
      cure: 'Take a lecture in which this person speaks longer.',
    });
  }
  const { cleanSeconds, vector } = voice;
  return { lectureId, speaker, cleanSeconds, model: kept.model, enrolledAt: new Date().toISOString(), vector };
}

async function hasOptedIn({ settings }: EnrolDeps, tenantId: TenantId): Promise<boolean> {
  return (await settings.get(tenantId)).voiceprints;
}

function turnedOff(): LecternError {
  return new LecternError('conflict', 'voiceprints are off for this tenant', {
    cure: 'Turn them on with `lectern settings --voiceprints on`.',
  });
}
