import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { containerOf, sniffContainer } from './container.ts';

const folder = mkdtempSync(join(tmpdir(), 'lectern-sniff-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An MPEG-1 layer 3 frame at 128 kbit/s and 44,100 Hz: 417 bytes. */
function mp3Frames(count: number): Buffer {
  const frame = Buffer.alloc(417);
  frame.set([0xff, 0xfb, 0x90, 0x00]);
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

/** An ADTS frame of 64 bytes. */
function adtsFrames(count: number): Buffer {
  const frame = Buffer.alloc(64);
  frame.set([0xff, 0xf1, 0x50, 0x80, 64 >> 3, (64 & 7) << 5, 0xfc]);
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

function id3(contentBytes: number): Buffer {
  const tag = Buffer.alloc(10 + contentBytes);
  tag.write('ID3', 'latin1');
  tag.set([(contentBytes >> 7) & 0x7f, contentBytes & 0x7f], 8);
  return tag;
}

test.each([
  ['wav', 'RIFF\0\0\0\0WAVEfmt '],
  ['wav', 'RF64\0\0\0\0WAVEds64'],
  ['avi', 'RIFF\0\0\0\0AVI LIST'],
  ['aiff', 'FORM\0\0\0\0AIFFCOMM'],
  ['flac', 'fLaC\0\0\0\x22'],
  ['ogg', 'OggS\0\x02'],
  ['mp4', '\0\0\0\x20ftypisom'],
  ['mov', '\0\0\0\x14ftypqt  '],
  ['webm', '\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm'],
  ['matroska', '\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska'],
  ['mpeg-ps', '\0\0\x01\xba\x44'],
])('%s is known by its first bytes', (name, head) => {
  expect(containerOf(Buffer.from(head, 'latin1'))?.name).toBe(name);
});

test('MPEG audio needs a second frame where the first one ends', () => {
  expect(containerOf(mp3Frames(2))?.name).toBe('mp3');
  expect(containerOf(Buffer.concat([Buffer.alloc(100), mp3Frames(2)]))?.name).toBe('mp3');
  expect(containerOf(mp3Frames(1))).toBeUndefined();
  expect(containerOf(adtsFrames(2))?.name).toBe('aac');
  expect(containerOf(Buffer.concat([mp3Frames(1), Buffer.from('not a frame at all')]))).toBeUndefined();
});

test('an ID3 tag is looked behind, however large', async () => {
  const path = join(folder, 'tagged');
  writeFileSync(path, Buffer.concat([id3(12_000), mp3Frames(3)]));
  expect((await sniffContainer(path))?.name).toBe('mp3');
  writeFileSync(path, Buffer.concat([id3(12_000), adtsFrames(3)]));
  expect((await sniffContainer(path))?.name).toBe('aac');
  writeFileSync(path, Buffer.concat([id3(20), Buffer.from('fLaC\0\0\0\x22', 'latin1')]));
  expect((await sniffContainer(path))?.name).toBe('flac');
});

test.each([
  ['an HLS playlist', '#EXTM3U\n#EXT-X-VERSION:3\nhttp://127.0.0.1/secret\n'],
  ['a concat script', "ffconcat version 1.0\nfile '/etc/passwd'\n"],
  ['a DASH manifest', '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>'],
  ['an SDP file', 'v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n'],
  ['text', 'Dear students, the recording is attached.'],
  ['nothing', ''],
])('%s is no recording', (_, text) => {
  expect(containerOf(Buffer.from(text))).toBeUndefined();
});

test('only bytes that say so make a recording: a text never does', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\x20-\x7e\n]{0,400}$/), (text) => {
      const found = containerOf(Buffer.from(text));
      expect(
        found === undefined || /^(RIFF|RF64|FORM|fLaC|OggS|caff|#!AMR|....(ftyp|moov|mdat|wide|free|skip|pnot|styp)|G)/s.test(text),
      ).toBe(true);
    }),
  );
});
