import { AsyncLocalStorage } from 'node:async_hooks';

/** What a stage has gone through so far. */
export interface StageAccount {
  readBytes: number;
  writtenBytes: number;
  /** Length of the recording that it opened. */
  audioSeconds: number;
}

const storage = new AsyncLocalStorage<StageAccount>();

/** Runs `work` with an account of its own. */
export function withStageAccount<Result>(work: (account: StageAccount) => Result): Result {
  const account: StageAccount = { readBytes: 0, writtenBytes: 0, audioSeconds: 0 };
  return storage.run(account, work, account);
}

/** That of the stage that this is a part of; `undefined` outside of any. */
export function currentStageAccount(): StageAccount | undefined {
  return storage.getStore();
}
