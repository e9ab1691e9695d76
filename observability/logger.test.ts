import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { LecternError } from '../contracts/errors.ts';
import { withLogFields } from './log-context.ts';
import { createLogger } from './logger.ts';

function openLog() {
  const lines: string[] = [];
  const destination = new Writable({
    write(line: Buffer, _encoding, done) {
      lines.push(line.toString());
      done();
    },
  });
  return {
    logger: createLogger('info', 'test', destination),
    read: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    lines,
  };
}

it('says on every line to which request or activity it belongs, however late it is written, and outside of them nothing', async () => {
  const { logger, read } = openLog();
  const work = (requestId: string) =>
    withLogFields({ requestId }, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      logger.info('done');
    });
  await Promise.all([work('a'), work('b')]);
  logger.info('idle');
  expect(read().map(({ process, msg, requestId }) => [process, msg, requestId])).toEqual([
    ['test', 'done', 'a'],
    ['test', 'done', 'b'],
    ['test', 'idle', undefined],
  ]);
});

it('tells an error by type, kind, code and cause, without what libraries hang on it and without what was being read', () => {
  const { logger, lines, read } = openLog();
  const parse = (text: string): Error => {
    try {
      JSON.parse(text);
    } catch (error) {
      return error as Error;
    }
    throw new Error('it is valid');
  };
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', config: { headers: { authorization: 'Bearer planted' } } });
  logger.error({ err: new LecternError('unavailable', 'the store is away', { cause: refused }) }, 'failed');
  for (const text of ['planted words of a lecturer', `{"text": ${'x'.repeat(40)} planted ${'y'.repeat(40)}`, 'p"lanted']) {
    logger.error({ err: new LecternError('internal', parse(text).message, { cause: parse(text) }) }, 'unreadable');
  }
  expect(lines.join('')).not.toMatch(/p"?lanted/);
  expect(read()[0]).toMatchObject({
    err: { type: 'LecternError', kind: 'unavailable', message: 'the store is away', cause: { code: 'ECONNREFUSED', message: 'refused' } },
  });
  expect(read()[1]).toMatchObject({ err: { message: 'what was read is not valid JSON', cause: { type: 'SyntaxError' } } });
});
