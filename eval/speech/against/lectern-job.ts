import { readFile } from 'node:fs/promises';
import type { Config } from '../../../contracts/config.ts';
import type { PcmSource } from '../../../inference/pcm-source.ts';
import { openPcmFile } from '../pcm-file.ts';
import { openHearing, openSpeakerFinder, openTools, transcribePieces, type Tools } from '../speech-pipeline.ts';
import { wordsOf } from '../words-of.ts';
import { SpeechJobSchema, type JobResult } from './speech-job.ts';
import { WAV_HEADER_BYTES } from './wav.ts';

/** Ticks of `/proc/self/stat` on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

interface Task {
  /** What becomes of one recording. */
  run(audio: PcmSource): Promise<Omit<JobResult['files'][number], 'file'>>;
  close(): Promise<void>;
}

/** Lectern's side of a comparison, in a process of its own with nothing loaded that the task does not need. */
export async function runLecternJob(jobPath: string, config: Config, note: (line: string) => void): Promise<JobResult> {
  const job = SpeechJobSchema.parse(JSON.parse(await readFile(jobPath, 'utf8')));
  const opened = performance.now();
  const tools = await openTools({ ...config, LECTERN_THREADS: job.threads }, note);
  const task = job.task === 'transcribe' ? await openTranscription(tools) : await openDiarization(tools);
  const loadSeconds = (performance.now() - opened) / 1000;
  try {
    if (job.files[0] !== undefined) await runOn(task, job.files[0].path);
    const [started, processor] = [performance.now(), await processorSeconds()];
    const files: JobResult['files'] = [];
    for (const { file, path } of job.files) files.push({ file, ...(await runOn(task, path)) });
    return {
      loadSeconds,
      workSeconds: (performance.now() - started) / 1000,
      processorSeconds: (await processorSeconds()) - processor,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      files,
    };
  } finally {
    await task.close();
  }
}

/** The peers read WAV files themselves too: no decoder is measured. */
async function runOn(task: Task, wavPath: string): ReturnType<Task['run']> {
  const audio = await openPcmFile(wavPath, WAV_HEADER_BYTES);
  try {
    return await task.run(audio);
  } finally {
    await audio.close();
  }
}

async function openTranscription(tools: Tools): Promise<Task> {
  const { detector, transcriber } = await openHearing(tools);
  return {
    async run(audio) {
      const words = wordsOf(await transcribePieces(transcriber, audio, await detector.detect(audio)));
      return { text: words.map(({ text }) => text).join(' '), turns: [], words };
    },
    close: async () => void (await Promise.all([detector.close(), transcriber.close()])),
  };
}

async function openDiarization(tools: Tools): Promise<Task> {
  const diarizer = await openSpeakerFinder(tools);
  return {
    run: async (audio) => ({ text: '', turns: (await diarizer.diarize(audio)).turns, words: [] }),
    close: () => diarizer.close(),
  };
}

/** User and system time of this process and of the children that ended. */
async function processorSeconds(): Promise<number> {
  const stat = await readFile('/proc/self/stat', 'utf8');
  // Fields 14 to 17 of the line, counted after the name, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
}
