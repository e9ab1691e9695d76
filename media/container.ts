import { open, type FileHandle } from 'node:fs/promises';

/** A file format that Lectern reads, found by its first bytes. */
export interface Container {
  /** Shown to people. */
  name: string;
  /** The one ffmpeg demuxer that may open the file: ffmpeg never guesses, so a playlist is never followed. */
  demuxer: string;
}

/** Enough for two frames of any MPEG audio and three packets of a transport stream. */
const HEAD_BYTES = 8_192;

/** Reads what the file is from its content. `undefined`: no recording that we know. */
export async function sniffContainer(path: string): Promise<Container | undefined> {
  const file = await open(path, 'r');
  try {
    const head = await readAt(file, 0);
    const tagBytes = id3Bytes(head);
    if (tagBytes === 0) return containerOf(head);
    // Some encoders put an ID3 tag before AAC or FLAC too; players take anything else behind a tag for MP3.
    const behind = containerOf(await readAt(file, tagBytes));
    return behind?.demuxer === 'flac' || behind?.demuxer === 'aac' ? behind : { name: 'mp3', demuxer: 'mp3' };
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, position: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, position);
  return buffer.subarray(0, bytesRead);
}

/** The container that starts with these bytes. */
export function containerOf(head: Buffer): Container | undefined {
  const ascii = (start: number, end: number): string => head.toString('latin1', start, end);
  const four = ascii(0, 4);
  const form = ascii(8, 12);
  if ((four === 'RIFF' || four === 'RF64') && form === 'WAVE') return { name: 'wav', demuxer: 'wav' };
  if (four === 'RIFF' && form === 'AVI ') return { name: 'avi', demuxer: 'avi' };
  if (four === 'FORM' && (form === 'AIFF' || form === 'AIFC')) return { name: 'aiff', demuxer: 'aiff' };
  if (four === 'fLaC') return { name: 'flac', demuxer: 'flac' };
  if (four === 'OggS') return { name: 'ogg', demuxer: 'ogg' };
  if (four === 'caff') return { name: 'caf', demuxer: 'caf' };
  if (ascii(0, 4) === 'FLV\u0001') return { name: 'flv', demuxer: 'flv' };
  if (ascii(0, 5) === '#!AMR') return { name: 'amr', demuxer: 'amr' };
  if (head.subarray(0, 4).equals(EBML)) return { name: ascii(0, 64).includes('webm') ? 'webm' : 'matroska', demuxer: 'matroska' };
  if (head.subarray(0, 16).equals(ASF)) return { name: 'asf', demuxer: 'asf' };
  if (head.subarray(0, 4).equals(MPEG_PROGRAM)) return { name: 'mpeg-ps', demuxer: 'mpeg' };
  if (MP4_BOXES.has(ascii(4, 8))) return { name: ascii(8, 12) === 'qt  ' ? 'mov' : 'mp4', demuxer: 'mov' };
  if (isTransportStream(head)) return { name: 'mpeg-ts', demuxer: 'mpegts' };
  return mpegAudio(head);
}

const EBML = Buffer.from([0x1a, 0x45, 0xdf, 0xa3]);
const ASF = Buffer.from('3026b2758e66cf11a6d900aa0062ce6c', 'hex');
const MPEG_PROGRAM = Buffer.from([0, 0, 1, 0xba]);
/** Boxes that a QuickTime or MP4 file may start with. */
const MP4_BOXES: ReadonlySet<string> = new Set(['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot', 'styp']);

/** Sync bytes of three packets in a row: 188 bytes each, or 192 as cameras write them. */
function isTransportStream(head: Buffer): boolean {
  return [
    [0, 188],
    [4, 192],
  ].some(([start = 0, size = 0]) => [0, 1, 2].every((packet) => head[start + packet * size] === 0x47));
}

/** MP3 and ADTS share a sync word; it takes a second frame where the first one ends to believe it. */
function mpegAudio(head: Buffer): Container | undefined {
  for (let start = 0; start < Math.min(head.length - 8, 2_048); start += 1) {
    if (head[start] !== 0xff) continue;
    const adts = adtsFrameBytes(head, start);
    if (adts > 0 && adtsFrameBytes(head, start + adts) > 0) return { name: 'aac', demuxer: 'aac' };
    const mp3 = mp3FrameBytes(head, start);
    if (mp3 > 0 && mp3FrameBytes(head, start + mp3) > 0) return { name: 'mp3', demuxer: 'mp3' };
    // Leading rubbish is common before MP3 frames, but only zeros are harmless enough to skip over.
    if (head.subarray(0, start).some((byte) => byte !== 0)) return undefined;
  }
  return undefined;
}

function adtsFrameBytes(head: Buffer, at: number): number {
  if (at + 7 > head.length || head[at] !== 0xff || ((head[at + 1] ?? 0) & 0xf6) !== 0xf0) return 0;
  const length = (((head[at + 3] ?? 0) & 0x03) << 11) | ((head[at + 4] ?? 0) << 3) | ((head[at + 5] ?? 0) >> 5);
  return length > 7 ? length : 0;
}

/** kbit/s by [MPEG-1, MPEG-2] and layer (1, 2, 3); ISO 11172-3 table. */
const BITRATES: readonly (readonly number[])[] = [
  [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
const RATES = [44_100, 48_000, 32_000];

function mp3FrameBytes(head: Buffer, at: number): number {
  if (at + 4 > head.length || head[at] !== 0xff || ((head[at + 1] ?? 0) & 0xe0) !== 0xe0) return 0;
  const version = ((head[at + 1] ?? 0) >> 3) & 3; // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
  const layer = 4 - (((head[at + 1] ?? 0) >> 1) & 3);
  const kilobits = BITRATES[(version === 3 ? 0 : 3) + layer - 1]?.[((head[at + 2] ?? 0) >> 4) - 1];
  const rate = (RATES[((head[at + 2] ?? 0) >> 2) & 3] ?? 0) / (version === 3 ? 1 : version === 2 ? 2 : 4);
  if (version === 1 || layer > 3 || kilobits === undefined || rate === 0) return 0;
  const padding = ((head[at + 2] ?? 0) >> 1) & 1;
  if (layer === 1) return (Math.floor((12_000 * kilobits) / rate) + padding) * 4;
  return Math.floor(((layer === 3 && version !== 3 ? 72_000 : 144_000) * kilobits) / rate) + padding;
}

/** Bytes of an ID3v2 tag at the start, 0 without one. */
function id3Bytes(head: Buffer): number {
  if (head.length < 10 || head.toString('latin1', 0, 3) !== 'ID3') return 0;
  return [6, 7, 8, 9].reduce((size, index) => (size << 7) | ((head[index] ?? 0) & 0x7f), 0) + 10;
}
