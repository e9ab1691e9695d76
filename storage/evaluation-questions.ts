import type { TenantId } from '../contracts/identity.ts';
import { EvaluationSetSchema, type EvaluationSet } from '../contracts/reindex.ts';
import { createJsonDocument, type JsonDocument } from './json-document.ts';
import { questionsKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/** The questions by which a tenant measures the search of a semester. */
export interface EvaluationQuestionStore {
  /** Without questions where none were registered. */
  get(tenantId: TenantId, semester: string): Promise<EvaluationSet>;
  replace(tenantId: TenantId, semester: string, set: EvaluationSet): Promise<void>;
  delete(tenantId: TenantId, semester: string): Promise<void>;
}

export function createEvaluationQuestionStore(objects: ObjectStore): EvaluationQuestionStore {
  const open = (tenantId: TenantId, semester: string): JsonDocument<EvaluationSet> =>
    createJsonDocument(objects, { key: questionsKey(tenantId, semester), schema: EvaluationSetSchema, absent: { questions: [] } });
  return {
    get: (tenantId, semester) => open(tenantId, semester).read(),
    replace: async (tenantId, semester, set) => void (await open(tenantId, semester).update(() => set)),
    delete: (tenantId, semester) => open(tenantId, semester).delete(),
  };
}
