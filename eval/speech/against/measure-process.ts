import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { LecternError } from '../../../contracts/errors.ts';
import { sampleMemory } from '../../ingest/memory-sampler.ts';
import { JobResultSchema, type JobResult, type SpeechJob } from './speech-job.ts';

/** A program that does a job: its last argument will be the job's file. */
export interface JobProgram {
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
}

/** Runs a job in a process of its own and watches the memory of all that it starts. */
export async function measureProcess({ command, args, env }: JobProgram, job: SpeechJob): Promise<JobResult> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-against-'));
  const jobPath = join(folder, 'job.json');
  await writeFile(jobPath, JSON.stringify(job));
  // OpenMP asks the environment how many threads it may start.
  const environment = { ...process.env, OMP_NUM_THREADS: String(job.threads), ...env };
  const child = spawn(command, [...args, jobPath], { stdio: ['ignore', 'pipe', 'pipe'], env: environment });
  const memory = sampleMemory(child.pid ?? process.pid);
  try {
    const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
    const [output, complaints, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    if (code !== 0) throw new LecternError('internal', `${command} ${args.join(' ')} ended with ${code}: ${complaints.slice(-2000)}`);
    const result = JobResultSchema.parse(JSON.parse(output));
    const { peakBytes } = await memory.stop();
    // The kernel knows the peak of the process itself, the samples what its children held beside it.
    return { ...result, peakMemoryBytes: Math.max(result.peakMemoryBytes, peakBytes) };
  } finally {
    await memory.stop();
    await rm(folder, { recursive: true });
  }
}
