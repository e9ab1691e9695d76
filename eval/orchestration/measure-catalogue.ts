import { toLectureId, mediaKey } from '../../storage/keys.ts';
import { createHash } from 'node:crypto';
import type { Lecture } from '../../contracts/lecture.ts';
import { createLectureStore } from '../../storage/lectures.ts';
import { openObjectStore } from '../../storage/open-object-store.ts';
import { TENANT, type MeasuredStack } from './measured-stack.ts';
import { percentile, processorMsEach, round } from './statistics.ts';

const PAGE = 50;
const REQUESTS = 200;
const AT_ONCE = 8;

interface Throughput {
  perSecond: number;
  /** Of the API for one request: other work on the machine does not count. */
  processorMs: number;
}

export interface CatalogueFigures {
  lectures: number;
  /** Median milliseconds of one request at a time. */
  firstPageMs: number;
  lastPageMs: number;
  lectureMs: number;
  /** Eight at a time, from this machine. */
  firstPages: Throughput;
  lastPages: Throughput;
  singleLectures: Throughput;
}

/** What reading the catalogue costs with so many lectures in it; a filesystem store. Ascending sizes. */
export async function measureCatalogue(
  stack: MeasuredStack,
  sizes: readonly number[],
  note: (line: string) => void,
): Promise<CatalogueFigures[]> {
  const figures: CatalogueFigures[] = [];
  let made = 0;
  for (const lectures of sizes) {
    note(`a catalogue of ${lectures} lectures`);
    const ids = await addLectures(stack, made, lectures);
    made = lectures;
    const beforeLast = ids.toSorted().at(-PAGE - 1);
    const page = `/api/v1/lectures?limit=${PAGE}`;
    const lastPage = beforeLast === undefined ? page : `${page}&cursor=${beforeLast}`;
    const lecture = `/api/v1/lectures/${ids[0]}`;
    figures.push({
      lectures,
      firstPageMs: await medianMs(stack, page),
      lastPageMs: await medianMs(stack, lastPage),
      lectureMs: await medianMs(stack, lecture),
      firstPages: await hammer(stack, page),
      lastPages: await hammer(stack, lastPage),
      singleLectures: await hammer(stack, lecture),
    });
  }
  return figures;
}

/** Makes the documents, with a recording and artifacts beside each as an ingest leaves them; answers the ids of all. */
async function addLectures({ config }: MeasuredStack, from: number, to: number): Promise<string[]> {
  const objects = await openObjectStore(config);
  try {
    const lectures = createLectureStore(objects);
    const all = Array.from({ length: to }, (_, index) => makeLecture(index));
    const waiting = all.slice(from).values();
    const lane = async () => {
      for (const lecture of waiting) {
        await objects.put(lecture.media.key, Buffer.from('a recording'));
        await lectures.create(lecture);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return all.map(({ lectureId }) => lectureId);
  } finally {
    await objects.close();
  }
}

function makeLecture(index: number): Lecture {
  const sha256 = createHash('sha256').update(`catalogue ${index}`).digest('hex');
  const lectureId = toLectureId(TENANT, sha256);
  const now = new Date().toISOString();
  return {
    tenantId: TENANT,
    lectureId,
    metadata: { title: `Lecture ${index}`, course: `C-${index % 40}`, semester: '2026W' },
    media: { key: mediaKey(TENANT, lectureId), sha256, bytes: 11 },
    state: 'ready',
    createdAt: now,
    updatedAt: now,
    speakerNames: {},
    artifacts: {},
    degraded: [],
  };
}

async function medianMs(stack: MeasuredStack, path: string): Promise<number> {
  const times: number[] = [];
  for (let request = 0; request < 30; request += 1) {
    const started = performance.now();
    await ask(stack, path);
    times.push(performance.now() - started);
  }
  return round(percentile(times, 0.5));
}

async function hammer(stack: MeasuredStack, path: string): Promise<Throughput> {
  let left = REQUESTS;
  const before = await stack.processorMs();
  const started = performance.now();
  const lane = async () => {
    while (left-- > 0) await ask(stack, path);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const seconds = (performance.now() - started) / 1_000;
  return { perSecond: round(REQUESTS / seconds), processorMs: processorMsEach(before, await stack.processorMs(), REQUESTS)['api'] ?? 0 };
}

async function ask({ apiUrl, apiKey }: MeasuredStack, path: string): Promise<void> {
  const response = await fetch(`${apiUrl}${path}`, { headers: { authorization: `Bearer ${apiKey}` } });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
}
