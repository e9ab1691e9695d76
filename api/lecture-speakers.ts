import type { Lecture } from '../contracts/lecture.ts';
import type { SpeakerView } from '../contracts/speakers.ts';
import type { Transcript } from '../contracts/transcript.ts';
import { decodeVoice } from '../contracts/voice-vector.ts';
import type { NameSuggestion } from '../contracts/voiceprints.ts';
import { measureSpeaking } from '../transcript/speaking-facts.ts';
import { suggestNames } from '../transcript/suggest-names.ts';
import type { ApiDeps } from './dependencies.ts';
import { isSameModel, readVoices } from './lecture-voices.ts';

type SpeakerDeps = Pick<ApiDeps, 'settings' | 'artifacts' | 'voiceprints'>;

/** The speakers of a lecture by label. Who has no name yet gets the one that the voice suggests, where the tenant has opted in. */
export async function describeSpeakers(deps: SpeakerDeps, lecture: Lecture, transcript: Transcript): Promise<SpeakerView[]> {
  const speaking = new Map(measureSpeaking(transcript.turns).map((facts) => [facts.speaker, facts]));
  const suggestions = await suggestFor(deps, lecture);
  return transcript.speakers.map((speaker): SpeakerView => {
    const { seconds = 0, words = 0, turns = 0 } = speaking.get(speaker) ?? {};
    const name = lecture.speakerNames[speaker];
    const role = transcript.roles?.[speaker];
    const suggestion = name === undefined ? suggestions.get(speaker) : undefined;
    return {
      speaker,
      ...(name === undefined ? {} : { name }),
      ...(role === undefined ? {} : { role }),
      seconds,
      words,
      turns,
      ...(suggestion === undefined ? {} : { suggestion }),
    };
  });
}

async function suggestFor({ settings, artifacts, voiceprints }: SpeakerDeps, lecture: Lecture): Promise<Map<string, NameSuggestion>> {
  if (lecture.artifacts.voices === undefined || !(await settings.get(lecture.tenantId)).voiceprints) return new Map();
  const kept = await readVoices(artifacts, lecture);
  if (kept === undefined) return new Map();
  const known = (await voiceprints.list(lecture.tenantId)).map(({ voiceprintId, name, samples }) => ({
    voiceprintId,
    name,
    samples: samples.filter(({ model }) => isSameModel(model, kept.model)).map(({ vector }) => decodeVoice(vector)),
  }));
  return suggestNames(
    kept.voices.map(({ vector, ...voice }) => ({ ...voice, vector: decodeVoice(vector) })),
    known,
  );
}
