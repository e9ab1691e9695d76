/** Of the files that `toWav` makes: samples follow. */
export const WAV_HEADER_BYTES = 44;
const SAMPLE_RATE = 16_000;
const BYTES_PER_SAMPLE = 2;

/** Mono 16 kHz s16le samples as a WAV file. */
export function toWav(samples: Uint8Array): Uint8Array {
  const wav = new Uint8Array(WAV_HEADER_BYTES + samples.byteLength);
  const header = new DataView(wav.buffer);
  const write = (at: number, text: string): void => wav.set(new TextEncoder().encode(text), at);
  write(0, 'RIFF');
  header.setUint32(4, wav.byteLength - 8, true);
  write(8, 'WAVEfmt ');
  // A format chunk of 16 bytes: PCM, one channel.
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 1, true);
  header.setUint32(24, SAMPLE_RATE, true);
  header.setUint32(28, SAMPLE_RATE * BYTES_PER_SAMPLE, true);
  header.setUint16(32, BYTES_PER_SAMPLE, true);
  header.setUint16(34, 8 * BYTES_PER_SAMPLE, true);
  write(36, 'data');
  header.setUint32(40, samples.byteLength, true);
  wav.set(samples, WAV_HEADER_BYTES);
  return wav;
}
