import type { z } from 'zod';
import {
  EditAcceptedSchema,
  RevisionDetailSchema,
  RevisionDiffSchema,
  RevisionListSchema,
  type EditAccepted,
  type RevisionDiff,
  type RevisionList,
} from '../contracts/edits.ts';
import type { SpeakerCount } from '../contracts/lecture.ts';
import { DiarizeAcceptedSchema, type DiarizeAccepted } from '../contracts/speakers.ts';
import { jsonCall, type Call } from './api-call.ts';

/** Calls that edit a transcript, and tell and undo what was edited. */
export interface EditCalls {
  /** Of `EditSchema`. */
  editTranscript(lectureId: string, edit: unknown): Promise<EditAccepted>;
  listRevisions(lectureId: string): Promise<RevisionList>;
  getRevision(lectureId: string, number: number): Promise<z.infer<typeof RevisionDetailSchema>>;
  /** Against the one before it, where none is named. */
  diffRevisions(lectureId: string, number: number, against?: number): Promise<RevisionDiff>;
  restoreRevision(lectureId: string, number: number): Promise<EditAccepted>;
  /** `null`: how many people speak is found by listening. */
  diarizeAgain(lectureId: string, speakers: SpeakerCount | null): Promise<DiarizeAccepted>;
}

export function createEditCalls({ read }: { read: <T>(schema: z.ZodType<T>, path: string, call?: Call) => Promise<T> }): EditCalls {
  const lecture = (lectureId: string): string => `/api/v1/lectures/${encodeURIComponent(lectureId)}`;
  const revision = (lectureId: string, number: number): string => `${lecture(lectureId)}/revisions/${number}`;
  return {
    editTranscript: (lectureId, edit) => read(EditAcceptedSchema, `${lecture(lectureId)}/transcript`, jsonCall('PATCH', edit)),
    listRevisions: (lectureId) => read(RevisionListSchema, `${lecture(lectureId)}/revisions`),
    getRevision: (lectureId, number) => read(RevisionDetailSchema, revision(lectureId, number)),
    diffRevisions: (lectureId, number, against) => read(RevisionDiffSchema, `${revision(lectureId, number)}/diff`, { query: { against } }),
    restoreRevision: (lectureId, number) => read(EditAcceptedSchema, `${revision(lectureId, number)}/restore`, { method: 'POST' }),
    diarizeAgain: (lectureId, speakers) => read(DiarizeAcceptedSchema, `${lecture(lectureId)}/diarize`, jsonCall('POST', { speakers })),
  };
}
