import type { ChannelComparison } from '../contracts/media.ts';

/** Of the audible time, how long each channel has to be the louder one by itself: two parts in a hundred are a listener's yes and no. */
const MIN_SIDE_SHARE = 0.02;
/** And both together. Of two people in two rooms it is .8 and more, of one in front of a pair of microphones about nothing. */
const MIN_SHARE = 0.3;

/**
 * Whether the channels differ so much that they may be a speaker each. That they are is decided by who listens to them: music
 * differs as well.
 */
export function mayBeSpeakers({ leftShare, rightShare }: ChannelComparison): boolean {
  return Math.min(leftShare, rightShare) >= MIN_SIDE_SHARE && leftShare + rightShare >= MIN_SHARE;
}
