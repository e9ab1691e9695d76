import { MIN_ENROLMENT_SECONDS } from '../../contracts/voiceprints.ts';
import { cosine, MIN_HEARD_SECONDS, SAME_VOICE_SCORE, suggestNames, type LectureVoice } from '../../transcript/suggest-names.ts';

/** A voice that a sitting gave, and whose it is. */
export interface OwnedVoice extends LectureVoice {
  sitting: string;
  person: string;
}

export interface PairErrors {
  same: number;
  different: number;
  lowestSame: number | null;
  highestDifferent: number | null;
  /** Shares at each score from which two voices would be called one person's. */
  curve: { score: number; falseAccepts: number | null; falseRejects: number | null }[];
}

export interface SuggestionErrors {
  /** Of voices whose person is known from other sittings. */
  known: { voices: number; right: number; wrong: number };
  /** Of voices whose person has been left out: every suggestion is wrong. */
  strangers: { voices: number; wrong: number };
}

const CURVE = [0.3, 0.35, 0.4, 0.45, 0.5, SAME_VOICE_SCORE, 0.6, 0.65, 0.7];

/** Every voice that could be enrolled against every voice that could be heard in another sitting. */
export function comparePairs(enrolled: readonly OwnedVoice[], heard: readonly OwnedVoice[]): PairErrors {
  const same: number[] = [];
  const different: number[] = [];
  for (const known of enrolled.filter(({ cleanSeconds }) => cleanSeconds >= MIN_ENROLMENT_SECONDS)) {
    for (const voice of heard.filter(({ cleanSeconds }) => cleanSeconds >= MIN_HEARD_SECONDS)) {
      if (known.sitting !== voice.sitting) (known.person === voice.person ? same : different).push(cosine(known.vector, voice.vector));
    }
  }
  const share = (scores: readonly number[], isWrong: (score: number) => boolean): number | null =>
    scores.length === 0 ? null : scores.filter(isWrong).length / scores.length;
  return {
    same: same.length,
    different: different.length,
    lowestSame: same.length === 0 ? null : Math.min(...same),
    highestDifferent: different.length === 0 ? null : Math.max(...different),
    curve: CURVE.map((score) => ({
      score,
      falseAccepts: share(different, (value) => value >= score),
      falseRejects: share(same, (value) => value < score),
    })),
  };
}

/** Each sitting in turn as a later lecture, with voiceprints from all the others. */
export function countSuggestions(enrolled: readonly OwnedVoice[], heard: readonly OwnedVoice[]): SuggestionErrors {
  const errors: SuggestionErrors = { known: { voices: 0, right: 0, wrong: 0 }, strangers: { voices: 0, wrong: 0 } };
  for (const [sitting, voices] of Map.groupBy(heard, (voice) => voice.sitting)) {
    const usable = enrolled.filter((voice) => voice.sitting !== sitting && voice.cleanSeconds >= MIN_ENROLMENT_SECONDS);
    const people = new Set(usable.map(({ person }) => person));
    const suggestions = suggestNames(voices, toVoiceprints(usable));
    for (const voice of voices.filter(({ cleanSeconds }) => cleanSeconds >= MIN_HEARD_SECONDS)) {
      const suggested = suggestions.get(voice.speaker)?.suggestedName;
      if (people.has(voice.person)) {
        errors.known.voices++;
        if (suggested === voice.person) errors.known.right++;
        else if (suggested !== undefined) errors.known.wrong++;
      }
      errors.strangers.voices++;
      const others = toVoiceprints(usable.filter(({ person }) => person !== voice.person));
      if (suggestNames([voice], others).size > 0) errors.strangers.wrong++;
    }
  }
  return errors;
}

function toVoiceprints(voices: readonly OwnedVoice[]): Parameters<typeof suggestNames>[1] {
  return [...Map.groupBy(voices, ({ person }) => person)].map(([name, own]) => ({
    voiceprintId: name,
    name,
    samples: own.map(({ vector }) => vector),
  }));
}
