import { readFile } from 'node:fs/promises';
import type { TimedText } from './speech-job.ts';
import { SpeechJobSchema, type JobResult, type SpeechJob } from './speech-job.ts';

/** A peer that runs on Node, once its model is open: the words of a WAV file. */
export type WavTranscriber = (path: string, language: string) => Promise<TimedText[]>;

/** Does a job as the Python peers do theirs: one recording to get warm, then all by the clock, and the result to stdout. */
export async function runPeerJob(jobPath: string, open: (job: SpeechJob) => Promise<WavTranscriber>): Promise<void> {
  const job = SpeechJobSchema.parse(JSON.parse(await readFile(jobPath, 'utf8')));
  const opened = performance.now();
  const transcribe = await open(job);
  const loadSeconds = (performance.now() - opened) / 1000;
  if (job.files[0] !== undefined) await transcribe(job.files[0].path, job.files[0].language);
  const [started, processor] = [performance.now(), process.cpuUsage()];
  const files: JobResult['files'] = [];
  for (const { file, path, language } of job.files) {
    const words = await transcribe(path, language);
    files.push({ file, text: words.map(({ text }) => text).join(' '), turns: [], words });
  }
  const { user, system } = process.cpuUsage(processor);
  const result: JobResult = {
    loadSeconds,
    workSeconds: (performance.now() - started) / 1000,
    processorSeconds: (user + system) / 1e6,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    files,
  };
  process.stdout.write(JSON.stringify(result));
}
