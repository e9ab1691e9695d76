import { AsyncLocalStorage } from 'node:async_hooks';

/** What every log line of a request or of an activity says: ids and numbers, nothing that somebody wrote or said. */
export type LogFields = Readonly<Record<string, string | number>>;

const storage = new AsyncLocalStorage<LogFields>();

/** Runs `work` so that whatever it logs, however deep, carries `fields`. */
export function withLogFields<Result>(fields: LogFields, work: () => Result): Result {
  return storage.run(fields, work);
}

/** Those of the request or activity that this is a part of; none outside of them. */
export function currentLogFields(): LogFields {
  return storage.getStore() ?? {};
}
