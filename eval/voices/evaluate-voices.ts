import type { Config } from '../../contracts/config.ts';
import type { SpeakerTurn } from '../../contracts/transcript.ts';
import { SAME_VOICE_MARGIN, SAME_VOICE_SCORE } from '../../transcript/suggest-names.ts';
import { readManifest } from '../speech/manifest.ts';
import { openSpeakerFinder, openTools } from '../speech/speech-pipeline.ts';
import { overThePhone } from './phone-line.ts';
import { readSittings } from './sittings.ts';
import { comparePairs, countSuggestions, type OwnedVoice, type PairErrors, type SuggestionErrors } from './voice-pairs.ts';

interface Condition {
  pairs: PairErrors;
  suggestions: SuggestionErrors;
}

export interface VoiceEvaluation {
  voiceModel: string;
  sittings: number;
  people: number;
  threshold: number;
  margin: number;
  /** As they were recorded. */
  clean: Condition;
  /** Enrolled as they were recorded, heard over a bad line. */
  overThePhone: Condition;
}

/** How well voices tell people apart across sittings, through the whole way: diarized, measured, compared. */
export async function evaluateVoices(root: string, config: Config, note: (line: string) => void): Promise<VoiceEvaluation> {
  const tools = await openTools(config, note);
  const sittings = await readSittings(root, await readManifest(root), tools);
  const diarizer = await openSpeakerFinder(tools);
  const clean: OwnedVoice[] = [];
  const phone: OwnedVoice[] = [];
  let voiceModel = '';
  try {
    for (const { name, audio, people } of sittings) {
      const diarization = await diarizer.diarize(audio, 'person' in people ? { speakers: { exact: 1 } } : {});
      const owner = (speaker: string): string | undefined =>
        'person' in people ? people.person : mostHeard(diarization.turns, speaker, people.turns);
      const line = overThePhone(await audio.read(0, audio.totalSamples));
      for (const [source, voices] of [[audio, clean] as const, [line, phone] as const]) {
        const { model, speakers } = await diarizer.measureVoices(source, diarization);
        voiceModel = `${model.name} ${model.precision} (${model.revision.slice(0, 12)})`;
        for (const voice of speakers) {
          const person = owner(voice.speaker);
          if (person !== undefined) voices.push({ ...voice, person, sitting: name });
        }
      }
      note(`${name}: ${diarization.speakers.length} found`);
    }
  } finally {
    await diarizer.close();
  }
  const judge = (heard: OwnedVoice[]): Condition => ({ pairs: comparePairs(clean, heard), suggestions: countSuggestions(clean, heard) });
  return {
    voiceModel,
    sittings: sittings.length,
    people: new Set(clean.map(({ person }) => person)).size,
    threshold: SAME_VOICE_SCORE,
    margin: SAME_VOICE_MARGIN,
    clean: judge(clean),
    overThePhone: judge(phone),
  };
}

/** Who of the reference speaks most while `speaker` was found to. */
function mostHeard(found: readonly SpeakerTurn[], speaker: string, reference: readonly SpeakerTurn[]): string | undefined {
  const seconds = new Map<string, number>();
  for (const turn of found.filter((candidate) => candidate.speaker === speaker)) {
    for (const truth of reference) {
      const both = Math.min(turn.endSeconds, truth.endSeconds) - Math.max(turn.startSeconds, truth.startSeconds);
      if (both > 0) seconds.set(truth.speaker, (seconds.get(truth.speaker) ?? 0) + both);
    }
  }
  return [...seconds].toSorted((a, b) => b[1] - a[1])[0]?.[0];
}
