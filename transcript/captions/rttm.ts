/** A stretch with its speaker label; `null` is nobody known. */
interface Labelled {
  startSeconds: number;
  endSeconds: number;
  speaker: string | null;
}

/**
 * Rich Transcription Time Marked lines (NIST RT-09): who spoke when, for scoring tools. Takes the turns of a diarization
 * or of a transcript; unknown speakers are left out. `recordingId` holds no spaces.
 */
export function toRttm(turns: readonly Labelled[], recordingId: string): string {
  return turns
    .flatMap(({ speaker, startSeconds, endSeconds }) => {
      const start = Math.round(startSeconds * 1000);
      const duration = Math.round(endSeconds * 1000) - start;
      if (speaker === null || duration <= 0) return [];
      const label = speaker.replace(/\s+/g, '_');
      return [`SPEAKER ${recordingId} 1 ${(start / 1000).toFixed(3)} ${(duration / 1000).toFixed(3)} <NA> <NA> ${label} <NA> <NA>\n`];
    })
    .join('');
}
