import type { SQLInputValue } from 'node:sqlite';
import type { QueryFilters } from '../../contracts/query.ts';
import type { IndexDatabase, Parameters } from './index-database.ts';

/** What a query may see: null where nothing narrows it. */
export interface Scope {
  tenant: number;
  lectures: Set<string> | null;
  /** SELECT of allowed chunk ids, with its parameters. */
  chunkIds: { sql: string; parameters: Parameters } | null;
}

/** Filters as SQL. What narrows lectures is looked up once, so that inverted lists of others are not even read. */
export function toScope(db: IndexDatabase, tenant: number, filters: QueryFilters): Scope {
  const narrowsLectures = filters.courses ?? filters.semesters ?? filters.lectureIds;
  const narrowsChunks = filters.speakers !== undefined || filters.fromSeconds !== undefined || filters.toSeconds !== undefined;
  if (!narrowsLectures && !narrowsChunks) return { tenant, lectures: null, chunkIds: null };
  const conditions: string[] = [];
  const parameters: Record<string, SQLInputValue> = {};
  const demand = (condition: string, name: string, value: unknown): void => {
    if (value === undefined) return;
    conditions.push(condition);
    parameters[name] = typeof value === 'number' ? value : JSON.stringify(value);
  };
  demand('l.course IN (SELECT value FROM json_each(:courses))', 'courses', filters.courses);
  demand('l.semester IN (SELECT value FROM json_each(:semesters))', 'semesters', filters.semesters);
  demand('l.lecture IN (SELECT value FROM json_each(:lectureIds))', 'lectureIds', filters.lectureIds);
  const lectureSql = ['SELECT l.lecture FROM lectures l WHERE l.tenant = :tenant', ...conditions].join(' AND ');
  const lectures = new Set<string>(db.all<{ lecture: string }>(lectureSql, { ...parameters, tenant }).map(({ lecture }) => lecture));
  demand(
    '(c.speaker IN (SELECT value FROM json_each(:speakers)) OR c.speaker_name IN (SELECT value FROM json_each(:speakers)))',
    'speakers',
    filters.speakers,
  );
  demand('c.end_seconds > :fromSeconds', 'fromSeconds', filters.fromSeconds);
  demand('c.start_seconds < :toSeconds', 'toSeconds', filters.toSeconds);
  const chunkSql = [
    'SELECT c.id FROM lectures l CROSS JOIN chunks c USING (tenant, lecture, generation) WHERE tenant = :tenant',
    ...conditions,
  ];
  return { tenant, lectures, chunkIds: { sql: chunkSql.join(' AND '), parameters: { ...parameters, tenant } } };
}
