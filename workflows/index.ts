export { ingestLecture } from './ingest-lecture.ts';
export { retryFailedIngests } from './retry-failed-ingests.ts';
