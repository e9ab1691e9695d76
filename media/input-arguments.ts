import { resolve } from 'node:path';
import type { Container } from './container.ts';

/** Decoders of sound only: a hostile picture is never decoded, not even to find out its size. */
const AUDIO_DECODERS = [
  'aac,aac_latm,ac3,eac3,alac,amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,dca,flac',
  'mp1,mp1float,mp2,mp2float,mp3,mp3float,opus,libopus,vorbis,libvorbis,speex,libspeex',
  'wmalossless,wmapro,wmav1,wmav2,wmavoice,gsm,gsm_ms,libgsm,libgsm_ms,g722,g726,nellymoser',
  'adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_swf,adpcm_yamaha,truehd,mlp,tta,wavpack,s302m',
  'pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd,pcm_s8,pcm_u8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be',
  'pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,pcm_s16le_planar,pcm_s24le_planar',
].join(',');

const MAX_STREAMS = 64;

/**
 * What opens one local file as one known format and nothing else: no other protocol, no other format, no decoder of
 * pictures, no references to other files.
 */
export function inputArguments(path: string, container: Container): string[] {
  const whitelists = `-protocol_whitelist file -format_whitelist ${container.demuxer} -codec_whitelist ${AUDIO_DECODERS}`;
  const options = `-nostdin -hide_banner -nostats ${whitelists} -max_streams ${MAX_STREAMS} -f ${container.demuxer}`;
  return [...options.split(' '), '-i', `file:${resolve(path)}`];
}
