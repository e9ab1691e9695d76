import type { PcmSource } from '../pcm-source.ts';

/** Down to here the detector hears as well as at any level (measured on three recordings); 20 dB lower it passes over nearly all. */
const QUIET_DBFS = -50;
/** Where people record. */
const SPEAKING_DBFS = -25;
/** 16 bits hold no speech further down. */
const MAX_GAIN_DB = 60;

/** The recording as it is, or a very quiet one as loud as people record. `loudnessDbfs`: RMS over its active frames. */
export function toSpeakingLevel(audio: PcmSource, loudnessDbfs: number): PcmSource {
  if (loudnessDbfs >= QUIET_DBFS) return audio;
  const gain = 10 ** (Math.min(MAX_GAIN_DB, SPEAKING_DBFS - loudnessDbfs) / 20);
  return {
    totalSamples: audio.totalSamples,
    read: async (startSample, count) => {
      const samples = await audio.read(startSample, count);
      return samples.map((sample) => Math.max(-1, Math.min(1, sample * gain)));
    },
  };
}
