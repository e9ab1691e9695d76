import type { SpeakerCount } from '../../contracts/lecture.ts';
import type { Span } from '../../contracts/transcript.ts';
import type { PcmSource } from '../pcm-source.ts';
import { measureLevels } from './channel-levels.ts';
import { judgeChannels, type ChannelHearing, type ChannelJudgement } from './channel-speakers.ts';

/** Where someone speaks in `audio`. */
export type DetectSpeech = (audio: PcmSource, signal: AbortSignal | undefined) => Promise<Span[]>;

/** Hears each channel by itself, and judges whether it has a speaker of its own. */
export async function listenToChannels(
  [left, right]: readonly [PcmSource, PcmSource],
  detectSpeech: DetectSpeech,
  wanted: SpeakerCount | undefined,
  signal: AbortSignal | undefined,
): Promise<ChannelJudgement> {
  const hear = async (audio: PcmSource): Promise<ChannelHearing> => ({
    speech: await detectSpeech(audio, signal),
    levels: await measureLevels(audio, signal),
  });
  return judgeChannels([await hear(left), await hear(right)], wanted);
}
