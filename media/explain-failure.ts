import { LecternError } from '../contracts/errors.ts';
import type { FfmpegOutcome } from './run-ffmpeg.ts';

/** How far we got: the file cannot be opened; it has pictures only; its track has no channels; it opens and yields no sound. */
export type FailedAt = 'unreadable' | 'picture-only' | 'no-channels' | 'silent-track';

/** Why no sound came out of a file, in words for the person who uploaded it. ffmpeg's own words go into the details. */
export function explainFailure(outcome: FfmpegOutcome, at: FailedAt): LecternError {
  const { message, cure } = reasonOf(outcome, at);
  const decoder = telltaleLine(outcome.log);
  return new LecternError('unsupported-media', message, { cure, ...(decoder === '' ? {} : { details: { decoder } }) });
}

function reasonOf(outcome: FfmpegOutcome, at: FailedAt): { message: string; cure: string } {
  if (outcome.stalled) return { message: 'reading the file never got anywhere', cure: 'Convert the recording and upload it again.' };
  if (outcome.exitCode === null) {
    return { message: 'the decoder broke off on this file', cure: 'Convert the recording and upload it again.' };
  }
  if (/moov atom not found/.test(outcome.log)) {
    return { message: 'the file is cut off: its index is missing', cure: 'Upload the whole recording again.' };
  }
  if (at === 'picture-only') return { message: 'the file has no audio track', cure: 'Upload a recording with sound.' };
  if (at === 'no-channels') return { message: 'the audio track has no channels', cure: 'Check that the recording plays.' };
  if (/matches no streams/.test(outcome.log)) {
    return { message: 'the file has no audio track', cure: 'Upload a recording with sound.' };
  }
  if (at === 'silent-track') {
    return { message: 'the audio track is empty, encrypted or damaged: no sound can be decoded', cure: 'Check that the recording plays.' };
  }
  return { message: 'the file is damaged or not what its first bytes say', cure: 'Check that the recording plays.' };
}

/** The first complaint, without addresses and paths of ours. */
function telltaleLine(log: string): string {
  const line = log.split('\n').find((text) => /invalid|error|fail|not found|unsupported|cannot|no /i.test(text)) ?? '';
  return line
    .replace(/ @ 0x[0-9a-f]+/g, '')
    .replace(/(file:)?\/\S+/g, 'file')
    .slice(0, 200);
}
