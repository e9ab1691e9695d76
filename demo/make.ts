/**
 * Makes the demo lecture from `script.json`: `lecture.opus`, `truth.json`, `lecture.rttm`, `manifest.jsonl` and `questions.json`.
 * Needs Debian's `flite` and `ffmpeg`; run `node demo/make.ts` after changing the script and commit the results.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../eval/metrics/seeded-random.ts';
import { speak, VOICE_RATE, type SpokenWord } from './flite.ts';

interface Script {
  title: string;
  note: string;
  voices: Record<string, { voice: string; name: string }>;
  turns: { speaker: string; paragraphs: string[] }[];
  questions: { question: string; quote: string; keywords: string[]; inDemo: boolean }[];
}

interface TruthTurn {
  speaker: string;
  startSeconds: number;
  endSeconds: number;
  words: SpokenWord[];
}

/** Silences, seconds. A turn changes after `turn`, give or take a bit, as people do. */
const PAUSE = { start: 0.8, sentence: 0.15, paragraph: 0.7, turn: 0.45, end: 1 };
/** Every voice is brought to this level; the room hums far below it. */
const VOICE_RMS = 0.08;
const ROOM_RMS = 0.0006;
/** Silence that cuts an RTTM segment in two. */
const RTTM_GAP_SECONDS = 0.5;

const here = import.meta.dirname;
const script = JSON.parse(readFileSync(join(here, 'script.json'), 'utf8')) as Script;
const folder = mkdtempSync(join(tmpdir(), 'lectern-demo-'));
try {
  const { samples, turns } = perform(script, folder);
  encode(samples, join(folder, 'lecture.raw'), join(here, 'lecture.opus'));
  const durationSeconds = round(samples.length / VOICE_RATE);
  const truth = { title: script.title, synthetic: true, note: script.note, durationSeconds, speakers: script.voices, turns };
  writeFileSync(join(here, 'truth.json'), `${JSON.stringify(truth, null, 1)}\n`);
  writeFileSync(join(here, 'lecture.rttm'), toRttm(turns));
  writeFileSync(join(here, 'manifest.jsonl'), `${JSON.stringify(manifestRow(durationSeconds, turns))}\n`);
  writeFileSync(join(here, 'questions.json'), `${JSON.stringify(locate(script.questions, turns), null, 2)}\n`);
  process.stderr.write(`${durationSeconds} s, ${turns.length} turns, ${turns.flatMap((turn) => turn.words).length} words\n`);
} finally {
  rmSync(folder, { recursive: true });
}

function perform(play: Script, scratch: string): { samples: Int16Array; turns: TruthTurn[] } {
  const random = seededRandom(20_261_121);
  const pieces: { at: number; samples: Float32Array }[] = [];
  const turns: TruthTurn[] = [];
  let clock = PAUSE.start;
  for (const { speaker, paragraphs } of play.turns) {
    const voice = play.voices[speaker]?.voice;
    if (voice === undefined) throw new Error(`no voice for ${speaker}`);
    const words: SpokenWord[] = [];
    for (const paragraph of paragraphs) {
      for (const sentence of paragraph.split(/(?<=[.?!]) /)) {
        const spoken = speak(sentence, voice, scratch);
        const at = clock;
        pieces.push({ at: Math.round(at * VOICE_RATE), samples: level(spoken.samples) });
        words.push(
          ...spoken.words.map((word) => ({
            text: word.text,
            startSeconds: round(at + word.startSeconds),
            endSeconds: round(at + word.endSeconds),
          })),
        );
        clock += spoken.samples.length / VOICE_RATE + PAUSE.sentence * random();
      }
      clock += PAUSE.paragraph * (0.5 + random());
    }
    clock += PAUSE.turn * (random() - 0.5);
    turns.push({ speaker, startSeconds: words[0]?.startSeconds ?? 0, endSeconds: words.at(-1)?.endSeconds ?? 0, words });
  }
  return { samples: mix(pieces, Math.round((clock + PAUSE.end) * VOICE_RATE), random), turns };
}

function level(samples: Int16Array): Float32Array {
  const energy = samples.reduce((sum, sample) => sum + (sample / 32_768) ** 2, 0);
  const gain = VOICE_RMS / Math.sqrt(energy / samples.length) / 32_768;
  return Float32Array.from(samples, (sample) => sample * gain);
}

function mix(pieces: { at: number; samples: Float32Array }[], total: number, random: () => number): Int16Array {
  const out = new Float32Array(total);
  let hum = 0;
  for (let index = 0; index < total; index += 1) {
    hum = 0.95 * hum + (random() - 0.5) * ROOM_RMS;
    out[index] = hum;
  }
  for (const { at, samples } of pieces) {
    for (let index = 0; index < samples.length; index += 1) out[at + index] = (out[at + index] ?? 0) + (samples[index] ?? 0);
  }
  return Int16Array.from(out, (value) => Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768))));
}

function encode(samples: Int16Array, raw: string, opus: string): void {
  writeFileSync(raw, samples);
  const input = ['-f', 's16le', '-ar', String(VOICE_RATE), '-ac', '1', '-i', raw];
  const labels = [
    '-metadata',
    `title=${script.title}`,
    '-metadata',
    'artist=flite (synthetic speech)',
    '-metadata',
    `comment=${script.note}`,
  ];
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...input, '-c:a', 'libopus', '-b:a', '32k', '-bitexact', ...labels, '-f', 'ogg', opus]);
}

/** The lecture as a data set of one file, for `npm run eval -- speech demo`. */
function manifestRow(seconds: number, turns: TruthTurn[]): Record<string, unknown> {
  const text = turns.flatMap((turn) => turn.words.map((word) => word.text)).join(' ');
  const sound = { seconds, sampleRate: 48_000, channels: 1, language: 'en' };
  return {
    file: 'lecture.opus',
    kind: 'speech',
    ...sound,
    text,
    referenceQuality: 'verbatim',
    rttm: 'lecture.rttm',
    wordTimes: 'truth.json',
    note: script.note,
  };
}

/** When each question's answer is said, and by whom. */
function locate(questions: Script['questions'], turns: TruthTurn[]): (Script['questions'][number] & Omit<TruthTurn, 'words'>)[] {
  return questions.map((asked) => {
    const wanted = asked.quote.split(' ');
    for (const { speaker, words } of turns) {
      const from = words.findIndex((_, index) => wanted.every((text, offset) => words[index + offset]?.text.startsWith(text) === true));
      const first = words[from];
      const last = words[from + wanted.length - 1];
      if (first !== undefined && last !== undefined) {
        return { ...asked, speaker, startSeconds: first.startSeconds, endSeconds: last.endSeconds };
      }
    }
    throw new Error(`nobody says "${asked.quote}"`);
  });
}

/** Stretches of speech: a turn cut where its words are more than `RTTM_GAP_SECONDS` apart. */
function toRttm(turns: TruthTurn[]): string {
  const lines: string[] = [];
  for (const { speaker, words } of turns) {
    let start = words[0]?.startSeconds ?? 0;
    words.forEach((word, index) => {
      const next = words[index + 1];
      if (next !== undefined && next.startSeconds - word.endSeconds <= RTTM_GAP_SECONDS) return;
      lines.push(`SPEAKER lecture 1 ${start.toFixed(3)} ${(word.endSeconds - start).toFixed(3)} <NA> <NA> ${speaker} <NA> <NA>\n`);
      start = next?.startSeconds ?? 0;
    });
  }
  return lines.join('');
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
