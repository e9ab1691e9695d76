import { LecternError } from '../../contracts/errors.ts';
import { logInference } from '../onnx/inference-log.ts';
import type { HearingOptions, WindowsTranscript } from '../whisper/whisper-engine.ts';

type Hear = (windows: readonly Float32Array[], options: HearingOptions) => Promise<WindowsTranscript>;

/**
 * Hears all windows at once, or, where the device has no room for them, halves of them one after another, down to a single window;
 * one that does not fit alone is `out-of-resources`. How many did not fit is remembered.
 */
export function createFittingHearing(hear: Hear): Hear {
  let room = Number.POSITIVE_INFINITY;

  async function hearHalves(windows: readonly Float32Array[], options: HearingOptions): Promise<WindowsTranscript> {
    const half = Math.ceil(windows.length / 2);
    const parts = [
      await hearFitting(windows.slice(0, half), optionsOf(options, 0, half)),
      await hearFitting(windows.slice(half), optionsOf(options, half, windows.length)),
    ];
    return {
      languages: parts.flatMap((part) => part.languages),
      languageProbabilities: parts.flatMap((part) => part.languageProbabilities),
      segments: parts.flatMap((part) => part.segments),
    };
  }

  async function hearFitting(windows: readonly Float32Array[], options: HearingOptions): Promise<WindowsTranscript> {
    if (windows.length > room) return hearHalves(windows, options);
    try {
      return await hear(windows, options);
    } catch (error) {
      if (!(error instanceof LecternError) || error.kind !== 'out-of-resources' || windows.length === 1) throw error;
      room = windows.length - 1;
      logInference('not enough device memory: fewer windows at once', { windows: windows.length, room });
    }
    return hearHalves(windows, options);
  }

  return hearFitting;
}

function optionsOf(options: HearingOptions, from: number, until: number): HearingOptions {
  return { ...options, languages: options.languages?.slice(from, until) ?? null };
}
