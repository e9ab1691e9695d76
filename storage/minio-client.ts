import { Agent as HttpAgent, request as requestHttp, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { Client } from 'minio';

export interface MinioServer {
  /** `http(s)://host:port`. */
  url: string;
  accessKey: string;
  secretKey: string;
}

export interface MinioConnection {
  client: Client;
  disconnect: () => void;
}

/** Without a byte either way; each part of an upload counts as life. */
const ANSWER_TIMEOUT_MILLISECONDS = 30_000;
/** Shorter than any server's: a connection that the server has just closed is never taken for a new request. */
const IDLE_CONNECTION_MILLISECONDS = 5_000;

/** MinIO's client on connections of its own, with an end to waiting. */
export function connectMinio({ url, accessKey, secretKey }: MinioServer): MinioConnection {
  const { protocol, hostname, port } = new URL(url);
  const useSSL = protocol === 'https:';
  const options = { keepAlive: true, timeout: IDLE_CONNECTION_MILLISECONDS };
  const agent = useSSL ? new HttpsAgent(options) : new HttpAgent(options);
  const client = new Client({
    endPoint: hostname.replaceAll(/^\[|\]$/g, ''),
    port: port === '' ? (useSSL ? 443 : 80) : Number(port),
    useSSL,
    accessKey,
    secretKey,
    transportAgent: agent,
    transport: { request: withTimeout(useSSL ? requestHttps : requestHttp) as typeof requestHttp },
    // The client's own retries write to the console; who waits and how long is the callers' choice.
    retryOptions: { disableRetry: true },
  });
  return { client, disconnect: () => agent.destroy() };
}

type Request = (options: RequestOptions, onResponse?: (response: IncomingMessage) => void) => ClientRequest;

/** The client alone would wait for ever for a server that accepts and says nothing. Once it answers, readers may be as slow as they like. */
function withTimeout(request: Request): Request {
  return (options, onResponse) => {
    const sent = request(options, onResponse);
    sent.setTimeout(ANSWER_TIMEOUT_MILLISECONDS, () => sent.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MILLISECONDS / 1000} s`)));
    sent.once('response', () => sent.setTimeout(0));
    return sent;
  };
}
