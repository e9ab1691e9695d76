/** One local speaker of one window, with its voice. */
export interface VoiceSlot {
  /** Index of the window in the recording. */
  window: number;
  /** 0 to 2. */
  localSpeaker: number;
  /** Seconds in which nobody else speaks in this window. */
  cleanSeconds: number;
  /** CAM++ embedding of unit length, [192]. */
  embedding: Float32Array;
}

/** What the networks found in some windows in a row. */
export interface WindowAnalysis {
  /** [windows, 589], bits as in `powerset.ts`. */
  activity: Uint8Array;
  slots: VoiceSlot[];
}
