import { availableParallelism, loadavg } from 'node:os';
import { measureCatalogue, type CatalogueFigures } from './measure-catalogue.ts';
import { startMeasuredStack, type MeasuredStack } from './measured-stack.ts';
import { measureIngests, type IngestFigures } from './measure-ingests.ts';
import { measureOverhead, type OverheadFigures } from './measure-overhead.ts';
import type { Part } from './parts.ts';
import { measureSemester, type SemesterFigures } from './measure-semester.ts';

interface OrchestrationOptions {
  only: readonly Part[];
  environment: NodeJS.ProcessEnv;
  note: (line: string) => void;
}

export interface Orchestration {
  cores: number;
  /** Processes that wanted a core, on average over the last minute, before each part. Above `cores` other work was in the way. */
  loadAverage: Partial<Record<Part, number>>;
  /** With models that answer at once. */
  ingests?: IngestFigures;
  catalogue?: CatalogueFigures[];
  /** With models that answer at once. */
  semester?: SemesterFigures;
  /** With the real models. */
  overhead?: OverheadFigures;
}

/** What Lectern costs beside its models: each part on an embedded stack of its own, in an empty folder. */
export async function measureOrchestration({ only, environment, note }: OrchestrationOptions): Promise<Orchestration> {
  const measured: Orchestration = { cores: availableParallelism(), loadAverage: {} };
  const onScripted = async <T>(work: (stack: MeasuredStack) => Promise<T>): Promise<T> => {
    const stack = await startMeasuredStack('scripted', environment, note);
    try {
      return await work(stack);
    } finally {
      await stack.stop();
    }
  };
  for (const part of only) {
    measured.loadAverage[part] = Math.round((loadavg()[0] ?? 0) * 10) / 10;
    if (part === 'ingests') measured.ingests = await onScripted((stack) => measureIngests(stack, 100, note));
    if (part === 'catalogue') measured.catalogue = await onScripted((stack) => measureCatalogue(stack, [10, 100, 1_000, 10_000], note));
    if (part === 'semester')
      measured.semester = await onScripted((stack) => measureSemester(stack, { lectures: 50, minutesEach: 10 }, note));
    if (part === 'overhead') measured.overhead = await measureOverhead(10, environment, note);
  }
  return measured;
}
