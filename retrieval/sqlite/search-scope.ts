import type { SQLInputValue } from 'node:sqlite';
import type { QueryFilters } from '../../contracts/query.ts';
import { toAllStems } from '../language/stems.ts';
import { holdsPhrase } from '../phrases.ts';
import { hashTerm } from '../term-hash.ts';
import { toWords } from '../terms.ts';
import type { IndexDatabase } from './index-database.ts';
import type { PostingLists } from './posting-lists.ts';
import type { SeenLectures } from './seen-lectures.ts';
import { findHolding } from './score-words.ts';

/** Row ids of the chunks that a query may see; `null` where nothing narrows it. */
export type Scope = ReadonlySet<number> | null;

/** What the filters leave of a tenant's chunks, but for phrases. */
export function toScope(db: IndexDatabase, tenant: number, filters: QueryFilters, seen: SeenLectures): Scope {
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
  demand(
    '(c.speaker IN (SELECT value FROM json_each(:speakers)) OR c.speaker_name IN (SELECT value FROM json_each(:speakers)))',
    'speakers',
    filters.speakers,
  );
  demand('c.role IN (SELECT value FROM json_each(:roles))', 'roles', filters.roles);
  demand('c.end_seconds > :fromSeconds', 'fromSeconds', filters.fromSeconds);
  demand('c.start_seconds < :toSeconds', 'toSeconds', filters.toSeconds);
  if (conditions.length === 0) return null;
  const from = `${seen.table} l CROSS JOIN chunks c USING (tenant, lecture, generation)`;
  const sql = [`SELECT c.id FROM ${from} WHERE tenant = :tenant`, ...conditions];
  return new Set(db.all<{ id: number }>(sql.join(' AND '), { ...parameters, ...seen.parameters, tenant }).map(({ id }) => id));
}

/** What is left of `scope` where a chunk's own words, its context aside, hold each of the phrases. */
export function narrowToPhrases(db: IndexDatabase, words: PostingLists, phrases: readonly string[], scope: Scope): Scope {
  return phrases.reduce<Scope>((left, phrase) => {
    const terms = [...new Set(toWords(phrase))].map((word) => toAllStems(word).map(hashTerm));
    if (terms.length === 0) return left;
    const ids = JSON.stringify(findHolding(words, terms, left));
    const rows = db.all<{ id: number; text: string }>('SELECT id, text FROM chunks WHERE id IN (SELECT value FROM json_each(:ids))', {
      ids,
    });
    return new Set(rows.filter(({ text }) => holdsPhrase(text, phrase)).map(({ id }) => id));
  }, scope);
}
