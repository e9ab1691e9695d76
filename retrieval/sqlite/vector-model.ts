import { LecternError } from '../../contracts/errors.ts';
import type { IndexedChunk } from '../vector-index.ts';
import type { IndexDatabase } from './index-database.ts';

// Vectors of two models cannot be compared, also where they are of one length. `meta` says whose an index holds: `dimensions`, 0 while it
// holds none, and `model`, a text, or no row for the default models, whose indexes were there before there were others.

/** Lets chunks in whose vectors are of the model and length that the index holds; the first decide. Throws `conflict`. */
export function admitVectors(db: IndexDatabase, model: string | null, chunks: readonly IndexedChunk[]): void {
  requireVectorsOf(db, model);
  const known = heldDimensions(db);
  const given = known || (chunks[0]?.dense.length ?? 0);
  const odd = chunks.find(({ dense }) => dense.length !== given);
  if (odd !== undefined)
    throw new LecternError('invalid-input', `a vector has ${odd.dense.length} dimensions, the index ${given}`, { cure: cureFor(db) });
  if (known > 0) return;
  db.run("UPDATE meta SET value = :given WHERE key = 'dimensions'", { given });
  if (model !== null) db.run("INSERT INTO meta (key, value) VALUES ('model', :model)", { model });
}

/** Throws `conflict` where the index holds vectors of another model than this process makes. */
export function requireVectorsOf(db: IndexDatabase, model: string | null): void {
  if (heldDimensions(db) === 0) return;
  const held = heldModel(db);
  if (held === model) return;
  throw new LecternError(
    'conflict',
    `the index ${db.path} holds vectors of ${describe(held)}, LECTERN_EMBEDDER makes those of ${describe(model)}`,
    {
      cure: cureFor(db),
    },
  );
}

/** 0 while it holds no vectors. */
function heldDimensions(db: IndexDatabase): number {
  return db.all<{ value: number }>("SELECT value FROM meta WHERE key = 'dimensions'")[0]?.value ?? 0;
}

function heldModel(db: IndexDatabase): string | null {
  return db.all<{ value: string }>("SELECT value FROM meta WHERE key = 'model'")[0]?.value ?? null;
}

function describe(model: string | null): string {
  return model ?? 'the default models';
}

function cureFor({ path }: IndexDatabase): string {
  return `Set LECTERN_EMBEDDER to the model that the index was made with, or stop Lectern, remove ${path} and ingest the lectures again.`;
}
