export { ingestLecture } from './ingest-lecture.ts';
