import { SAMPLE_RATE } from '../contracts/media.ts';
import type { Inspection } from './inspect-media.ts';

/** Floating-point samples may be no numbers at all, which would become the loudest click there is: they are silence. */
const FINITE = String.raw`aeval=if(isnan(val(ch))+isinf(val(ch))\,0\,val(ch)):c=same`;
/** Two channels stay two, in their order, whatever loudspeakers they were meant for: they are compared before they are mixed. */
const BOTH = 'pan=stereo|c0=c0|c1=c1';

/**
 * What ffmpeg writes: s16le at `SAMPLE_RATE`, two channels of two, one of any other number. Gaps in the container's clock become
 * silence, so that a second of transcript is a second of the player.
 */
export function outputArguments({ info, layoutKnown }: Pick<Inspection, 'info' | 'layoutKnown'>): string[] {
  const filters = ['aresample=async=1:first_pts=0'];
  if (info.channels === 2) filters.unshift(BOTH);
  else if (!layoutKnown) filters.unshift(averageOf(info.channels));
  if (info.codec.startsWith('pcm_f')) filters.unshift(FINITE);
  const out = `-ac ${info.channels === 2 ? 2 : 1} -ar ${SAMPLE_RATE} -f s16le pipe:1`;
  return `-map 0:a:0 -vn -sn -dn -map_metadata -1 -af ${filters.join(',')} ${out}`.split(' ');
}

/** ffmpeg cannot mix down channels that belong to no loudspeaker. */
function averageOf(channels: number): string {
  const share = (1 / channels).toFixed(6);
  return `pan=mono|c0=${Array.from({ length: channels }, (_, channel) => `${share}*c${channel}`).join('+')}`;
}
