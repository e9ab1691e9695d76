import { SAMPLE_RATE, type ChannelComparison } from '../contracts/media.ts';

const FRAME_SAMPLES = SAMPLE_RATE / 10;
const FULL_SCALE = 32_768;
/** Bins of 1 dB from `FLOOR_DBFS` to full scale; what is quieter is silence whatever else is in the recording. */
const FLOOR_DBFS = -60;
/** As far below the loudness of the recording a frame still counts: the other side of a call may be 20 dB softer. */
const AUDIBLE_DB = 25;
/** One channel is louder from here on: twice the amplitude, which hardly any microphone pair in one room shows for a voice. */
const DOMINANT_DB = 6;
const DOMINANT_RATIO = 10 ** (DOMINANT_DB / 10);

/** Frames of one level of the louder channel. */
interface LevelBin {
  frames: number;
  left: number;
  right: number;
  power: number;
  leftPower: number;
  rightPower: number;
  product: number;
}

/** Compares two channels frame by frame (0.1 s) as they stream by. Memory is a number for each decibel. */
export function createChannelMeter(): { add: (left: number, right: number) => void; result: () => ChannelComparison } {
  const bins = Array.from({ length: 1 - FLOOR_DBFS }, (): LevelBin => ({ ...EMPTY_BIN }));
  let inFrame = 0;
  let [leftEnergy, rightEnergy, product] = [0, 0, 0];
  return {
    add(left, right) {
      leftEnergy += left * left;
      rightEnergy += right * right;
      product += left * right;
      inFrame += 1;
      if (inFrame < FRAME_SAMPLES) return;
      const bin = bins[levelOf(Math.max(leftEnergy, rightEnergy)) - FLOOR_DBFS];
      if (bin !== undefined) count(bin, leftEnergy, rightEnergy, product);
      [inFrame, leftEnergy, rightEnergy, product] = [0, 0, 0, 0];
    },
    result: () => compare(bins),
  };
}

const EMPTY_BIN: LevelBin = { frames: 0, left: 0, right: 0, power: 0, leftPower: 0, rightPower: 0, product: 0 };

function count(bin: LevelBin, left: number, right: number, product: number): void {
  bin.frames += 1;
  if (left >= DOMINANT_RATIO * right) bin.left += 1;
  if (right >= DOMINANT_RATIO * left) bin.right += 1;
  bin.power += Math.max(left, right);
  bin.leftPower += left;
  bin.rightPower += right;
  bin.product += product;
}

function compare(bins: readonly LevelBin[]): ChannelComparison {
  const loudness = levelOf(sum(bins, 'power') / Math.max(1, sum(bins, 'frames')));
  const audible = bins.slice(Math.max(0, loudness - AUDIBLE_DB - FLOOR_DBFS));
  const frames = Math.max(1, sum(audible, 'frames'));
  const power = Math.sqrt(sum(audible, 'leftPower') * sum(audible, 'rightPower'));
  const share = (value: number): number => Math.round(value * 10_000) / 10_000;
  return {
    correlation: power === 0 ? 0 : share(sum(audible, 'product') / power),
    leftShare: share(sum(audible, 'left') / frames),
    rightShare: share(sum(audible, 'right') / frames),
  };
}

/** Whole dBFS of a frame's energy; below `FLOOR_DBFS` it has no bin. */
function levelOf(energy: number): number {
  return Math.floor(10 * Math.log10(energy / FRAME_SAMPLES / FULL_SCALE ** 2 + Number.MIN_VALUE));
}

function sum(bins: readonly LevelBin[], of: keyof LevelBin): number {
  return bins.reduce((total, bin) => total + bin[of], 0);
}
