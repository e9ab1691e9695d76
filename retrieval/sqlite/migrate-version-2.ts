import type { IndexDatabase } from './index-database.ts';

/** Version 2 kept the segment of a lecture's active generation only and knew no moves. To be called within a transaction. */
export function migrateFromVersion2(db: IndexDatabase): void {
  db.exec(`
    ALTER TABLE lectures ADD COLUMN former TEXT;
    ALTER TABLE segments RENAME TO segments_2;
    CREATE TABLE segments (
      tenant INTEGER NOT NULL, lecture TEXT NOT NULL, generation TEXT NOT NULL, sparse BLOB NOT NULL, words BLOB NOT NULL, codes BLOB NOT NULL,
      PRIMARY KEY (tenant, lecture, generation));
    INSERT INTO segments SELECT tenant, lecture, generation, sparse, words, codes FROM segments_2;
    DROP TABLE segments_2;
    PRAGMA user_version = 3;`);
}
