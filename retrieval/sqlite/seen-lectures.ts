import type { Preview } from '../vector-index.ts';
import type { Parameters } from './index-database.ts';

/** A table of lectures for `FROM` and `JOIN`, and the parameters that it needs. */
export interface SeenLectures {
  table: string;
  parameters: Parameters;
}

const ACTIVE: SeenLectures = { table: 'lectures', parameters: {} };

/** The lectures at the generations that readers see; with a preview, at those it names where they are staged. */
export function seenLectures(preview: Preview | undefined): SeenLectures {
  if (preview === undefined) return ACTIVE;
  const staged = `SELECT s.generation FROM json_each(:preview) p JOIN segments s
    ON s.tenant = a.tenant AND s.lecture = a.lecture AND s.generation = p.value WHERE p.key = a.lecture`;
  const table = `(SELECT a.tenant, a.lecture, coalesce((${staged}), a.generation) AS generation, a.title, a.course, a.semester FROM lectures a)`;
  return { table, parameters: { preview: JSON.stringify(preview) } };
}
