import { randomUUID } from 'node:crypto';

/** Names an upload on its way in. The time is in the name because an object store need not tell how old an object is. */
export function makeUploadId(nowMs: number): string {
  return `${nowMs}-${randomUUID()}`;
}

/** Milliseconds since 1970; `undefined` for what is no upload's name. */
export function readUploadTime(uploadId: string): number | undefined {
  const matched = /^(\d{1,15})-[0-9a-f-]{36}$/.exec(uploadId);
  return matched === null ? undefined : Number(matched[1]);
}
