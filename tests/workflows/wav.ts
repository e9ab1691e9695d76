import { SAMPLE_RATE } from '../../contracts/media.ts';

const HEADER_BYTES = 44;

/** A WAV file of a quiet tone, or of silence where `hertz` is 0. */
export function makeWav(seconds: number, hertz: number): Buffer {
  const samples = Math.round(seconds * SAMPLE_RATE);
  const wav = Buffer.alloc(HEADER_BYTES + samples * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(SAMPLE_RATE, 24);
  wav.writeUInt32LE(SAMPLE_RATE * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(samples * 2, 40);
  for (let index = 0; index < samples; index += 1) {
    const value = hertz === 0 ? 0 : Math.round(8_000 * Math.sin((2 * Math.PI * hertz * (index + 1)) / SAMPLE_RATE));
    wav.writeInt16LE(value, HEADER_BYTES + index * 2);
  }
  return wav;
}
