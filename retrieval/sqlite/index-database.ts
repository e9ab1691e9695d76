import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { LecternError } from '../../contracts/errors.ts';
import { migrateFromVersion1 } from './migrate-version-1.ts';
import { migrateFromVersion2 } from './migrate-version-2.ts';

/** Changes when the tables do; then this program learns to read a file of the version before. */
const SCHEMA_VERSION = 3;

// `chunks` holds every generation; `vectors` and `segments` hold those that are staged, the active ones among them. `lectures` says which
// those are, and what is not named there is not taken into memory: a search cannot find it. `lectures.former` is what a move left behind.
// `chunks.dense` and `.sparse` are the luggage of a generation on its way to being staged. A segment is what a lecture adds to its
// tenant's lists in memory: learned sparse postings, counted words, vectors as codes. `vectors` has them exactly.
const SCHEMA = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO meta VALUES ('revision', 0), ('dimensions', 0);
  CREATE TABLE tenants (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL);
  CREATE TABLE lectures (
    tenant INTEGER NOT NULL, lecture TEXT NOT NULL, generation TEXT NOT NULL, chunks INTEGER NOT NULL,
    title TEXT, course TEXT, semester TEXT, former TEXT, PRIMARY KEY (tenant, lecture)) WITHOUT ROWID;
  CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, tenant INTEGER NOT NULL, lecture TEXT NOT NULL, generation TEXT NOT NULL, ordinal INTEGER NOT NULL,
    speaker TEXT, speaker_name TEXT, role TEXT, start_seconds REAL NOT NULL, end_seconds REAL NOT NULL,
    text TEXT NOT NULL, context TEXT, words TEXT NOT NULL, dense BLOB, sparse TEXT,
    UNIQUE (tenant, lecture, generation, ordinal));
  CREATE TABLE segments (
    tenant INTEGER NOT NULL, lecture TEXT NOT NULL, generation TEXT NOT NULL, sparse BLOB NOT NULL, words BLOB NOT NULL, codes BLOB NOT NULL,
    PRIMARY KEY (tenant, lecture, generation));
  CREATE TABLE vectors (id INTEGER PRIMARY KEY, vector BLOB NOT NULL);
  PRAGMA user_version = ${SCHEMA_VERSION};`;

/** A writer of another process holds the lock for one lecture's activation at most: seconds. */
const LOCK_MS = 10_000;
/** Longest wait for another process that brings the file up to date. */
const MIGRATION_MS = 600_000;

export type Parameters = Record<string, SQLInputValue>;

/** The file and its statements. Throws what node:sqlite throws; the thread that owns it types the errors. */
export class IndexDatabase {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
    this.#db = new DatabaseSync(path, { allowExtension: true, timeout: LOCK_MS });
    try {
      this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;');
      this.#prepareSchema();
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** The caller names the columns it selects; SQLite's types are ours, written by ours. */
  all<Row>(sql: string, parameters: Parameters = {}): Row[] {
    return this.#statement(sql).all(parameters) as Row[];
  }

  /** Rows changed. */
  run(sql: string, parameters: Parameters = {}): number {
    return Number(this.#statement(sql).run(parameters).changes);
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  /** For this connection, until it is closed. */
  loadExtension(path: string): void {
    this.#db.enableLoadExtension(true);
    this.#db.loadExtension(path);
    this.#db.enableLoadExtension(false);
  }

  /** All of `work` or nothing of it. */
  write<T>(work: () => T): T {
    return this.#transaction('BEGIN IMMEDIATE', work);
  }

  /** `work` sees one state of the file, whatever others write meanwhile. */
  read<T>(work: () => T): T {
    return this.#transaction('BEGIN', work);
  }

  /** Writes the file anew, without the pages that deleted rows have left in it and in its log. Errors: `unavailable` while others read. */
  scrub(): void {
    this.#db.exec('VACUUM');
    const [checkpoint] = this.all<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)');
    if (checkpoint?.busy === 0) return;
    throw new LecternError('unavailable', `The index ${this.path} is being read: what was deleted is still in its log`, {
      cure: 'Try again.',
    });
  }

  close(): void {
    this.#db.close();
  }

  #transaction<T>(begin: string, work: () => T): T {
    this.#db.exec(begin);
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk may have rolled back already; a second ROLLBACK would hide the reason.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #prepareSchema(): void {
    if (this.#version() === SCHEMA_VERSION) return;
    // Another process may be at it: a large file takes minutes, and is worth waiting for.
    this.#db.exec(`PRAGMA busy_timeout = ${MIGRATION_MS}`);
    this.write(() => {
      const version = this.#version();
      if (version === SCHEMA_VERSION) return;
      if (version === 1) migrateFromVersion1(this);
      if (version === 1 || version === 2) return migrateFromVersion2(this);
      if (version !== 0) {
        throw new LecternError('unavailable', `The index ${this.path} has format ${version}, this program writes ${SCHEMA_VERSION}`, {
          cure: 'Stop Lectern, remove the file and ingest again: it is derived from the stored lectures.',
        });
      }
      this.exec(SCHEMA);
    });
    this.#db.exec(`PRAGMA busy_timeout = ${LOCK_MS}`);
  }

  #version(): number | undefined {
    return this.all<{ user_version: number }>('PRAGMA user_version')[0]?.user_version;
  }
}
