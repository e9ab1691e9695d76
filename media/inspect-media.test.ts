import { expect, test } from 'vitest';
import { channelsOf, parseStreams } from './inspect-media.ts';

test.each([
  ['mono', 1],
  ['stereo', 2],
  ['5.0', 5],
  ['5.1(side)', 6],
  ['7.1(wide)', 8],
  ['5.1.2', 8],
  ['quad(side)', 4],
  ['hexadecagonal', 16],
  ['12 channels', 12],
  ['9 channels (FL+FR+FC+LFE+BL+BR+SL+SR+TC)', 9],
  ['60f', 6],
  ['3', 2],
  ['4', 1],
])('the layout %s has %i channels', (layout, channels) => {
  expect(channelsOf(layout)).toBe(channels);
});

test('streams are told apart by their index', () => {
  const report =
    '#software: Lavf59\n#tb 0: 1/48000\n#media_type 0: audio\n#codec_id 0: aac\n#media_type 1: audio\n#sample_rate 1: 44100\n0, 1, 2\n';
  expect(parseStreams(report)).toEqual([
    { tb: '1/48000', media_type: 'audio', codec_id: 'aac' },
    { media_type: 'audio', sample_rate: '44100' },
  ]);
});
