import { DatabaseSync } from 'node:sqlite';
import type { DatasetLecture } from './datasets/dataset.ts';
import type { Rank } from './systems.ts';

/**
 * BM25 as anybody has it in a minute: SQLite's FTS5 with its porter tokenizer and its constants (k1 1.2, b 0.75), a question as the
 * OR of its words. Its own table in memory: the product's index may change, the baseline does not.
 */
export function openFts5Baseline(lectures: readonly DatasetLecture[]): { rank: Rank; close: () => void } {
  const db = new DatabaseSync(':memory:');
  db.exec(
    "CREATE VIRTUAL TABLE passages USING fts5(chunk UNINDEXED, lecture UNINDEXED, text, tokenize = 'porter unicode61 remove_diacritics 2')",
  );
  const insert = db.prepare('INSERT INTO passages VALUES (?, ?, ?)');
  for (const { lectureId, passages } of lectures) for (const { chunkId, text } of passages) insert.run(chunkId, lectureId, text);
  const anywhere = db.prepare('SELECT chunk FROM passages WHERE passages MATCH ? ORDER BY bm25(passages), chunk LIMIT ?');
  const inLecture = db.prepare('SELECT chunk FROM passages WHERE passages MATCH ? AND lecture = ? ORDER BY bm25(passages), chunk LIMIT ?');
  return {
    rank: (question, { lectureIds }, limit) => {
      const words = question.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
      if (words.length === 0) return Promise.resolve([]);
      const match = [...new Set(words)].map((word) => `"${word}"`).join(' OR ');
      const rows = lectureIds === undefined ? anywhere.all(match, limit) : inLecture.all(match, lectureIds[0]!, limit);
      return Promise.resolve(rows.map((row) => String(row['chunk'])));
    },
    close: () => db.close(),
  };
}
