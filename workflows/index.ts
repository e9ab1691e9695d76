export { eraseTenant } from './erase-tenant.ts';
export { ingestLecture } from './ingest-lecture.ts';
export { publishEdits } from './publish-edits.ts';
export { retryFailedIngests } from './retry-failed-ingests.ts';
export { keepWayBack } from './keep-way-back.ts';
export { reindexLecture } from './reindex-lecture.ts';
export { reindexSemester } from './reindex-semester.ts';
