import type { z } from 'zod';
import {
  EvaluationSetSchema,
  ReindexListSchema,
  ReindexViewSchema,
  ScheduleListSchema,
  ScheduleViewSchema,
  type Backfill,
  type EvaluationSet,
  type NewScheduleSchema,
  type ReindexList,
  type ReindexView,
  type ScheduleView,
} from '../contracts/reindex.ts';
import { jsonCall, type Call } from './api-call.ts';

/** Calls of the HTTP API about re-indexes and their schedules. */
export interface ReindexCalls {
  createSchedule(schedule: z.input<typeof NewScheduleSchema>): Promise<ScheduleView>;
  listSchedules(): Promise<{ schedules: ScheduleView[] }>;
  getSchedule(scheduleId: string): Promise<ScheduleView>;
  changeSchedule(scheduleId: string, change: 'pause' | 'resume' | 'trigger'): Promise<ScheduleView>;
  backfillSchedule(scheduleId: string, times: Backfill): Promise<ScheduleView>;
  deleteSchedule(scheduleId: string): Promise<void>;
  listReindexes(): Promise<ReindexList>;
  getReindex(reindexId: string): Promise<ReindexView>;
  changeReindex(reindexId: string, change: 'swap' | 'drop' | 'rollback'): Promise<ReindexView>;
  getEvaluationQuestions(semester: string): Promise<EvaluationSet>;
  replaceEvaluationQuestions(semester: string, set: EvaluationSet): Promise<EvaluationSet>;
}

interface Transport {
  send: (path: string, call?: Call) => Promise<Response>;
  read: <T>(schema: z.ZodType<T>, path: string, call?: Call) => Promise<T>;
}

const QUESTIONS = '/api/v1/evaluation-questions';

export function createReindexCalls({ send, read }: Transport): ReindexCalls {
  const scheduleAt = (scheduleId: string, rest = ''): string => `/api/v1/schedules/${encodeURIComponent(scheduleId)}${rest}`;
  const reindexAt = (reindexId: string, rest = ''): string => `/api/v1/reindexes/${encodeURIComponent(reindexId)}${rest}`;
  return {
    createSchedule: (schedule) => read(ScheduleViewSchema, '/api/v1/schedules', jsonCall('POST', schedule)),
    listSchedules: () => read(ScheduleListSchema, '/api/v1/schedules'),
    getSchedule: (scheduleId) => read(ScheduleViewSchema, scheduleAt(scheduleId)),
    changeSchedule: (scheduleId, change) => read(ScheduleViewSchema, scheduleAt(scheduleId, `/${change}`), { method: 'POST' }),
    backfillSchedule: (scheduleId, times) => read(ScheduleViewSchema, scheduleAt(scheduleId, '/backfill'), jsonCall('POST', times)),
    async deleteSchedule(scheduleId) {
      await send(scheduleAt(scheduleId), { method: 'DELETE' });
    },
    listReindexes: () => read(ReindexListSchema, '/api/v1/reindexes'),
    getReindex: (reindexId) => read(ReindexViewSchema, reindexAt(reindexId)),
    changeReindex: (reindexId, change) => read(ReindexViewSchema, reindexAt(reindexId, `/${change}`), { method: 'POST' }),
    getEvaluationQuestions: (semester) => read(EvaluationSetSchema, QUESTIONS, { query: { semester } }),
    replaceEvaluationQuestions: (semester, set) => read(EvaluationSetSchema, QUESTIONS, { ...jsonCall('PUT', set), query: { semester } }),
  };
}
