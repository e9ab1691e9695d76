import { createHash, timingSafeEqual } from 'node:crypto';
import { getConnInfo } from '@hono/node-server/conninfo';
import { createRoute, z } from '@hono/zod-openapi';
import type { Payload } from '@temporalio/common';
import { cors } from 'hono/cors';
import { PayloadsSchema, type Payloads } from '../../contracts/codec.ts';
import { LecternError } from '../../contracts/errors.ts';
import type { TenantId } from '../../contracts/identity.ts';
import { jsonOf, needs, problems, type ApiApp } from '../openapi.ts';
import { limitBody } from '../small-body.ts';

/** The payload codec for people who look at histories from outside, such as Temporal's UI. */
export interface RemoteCodec {
  /**
   * Opens what is `tenantId`'s, or anybody's where it is `null`; to a tenant, what is plain or no tenant's comes back as it is.
   * Errors: `not-found` where a payload is another tenant's, `conflict` where its key was destroyed.
   */
  decode(payloads: Payload[], tenantId: TenantId | null): Promise<Payload[]>;
  /** As a workflow of the tenant would. */
  encode(payloads: Payload[], tenantId: TenantId): Promise<Payload[]>;
}

/** What Temporal's UI needs to show what is encrypted. */
export interface CodecEndpoint {
  codec: RemoteCodec;
  /** Of Temporal; the UI says in `x-namespace` which one it shows. */
  namespace: string;
  /** Origins of UIs whose browsers may ask, exactly. */
  origins: readonly string[];
  /** Opens `/codec/{token}/decode` to this machine: the UI of the embedded stack has no key to send. */
  token?: string | undefined;
}

/** Temporal's largest payload is 2 MiB; the UI asks for those of a page of events together. */
const MAX_BODY_BYTES = 16 * 2 ** 20;
const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

const limited = limitBody(MAX_BODY_BYTES);

const codecRoute = <Path extends '/codec/decode' | '/codec/encode'>(path: Path, summary: string) =>
  createRoute({
    method: 'post',
    path,
    summary,
    security: needs('operate'),
    request: {
      headers: z.object({ 'x-namespace': z.string().optional() }),
      body: { required: true, content: jsonOf(PayloadsSchema) },
    },
    responses: {
      200: { description: 'The payloads, in their order', content: jsonOf(PayloadsSchema) },
      ...problems(400, 401, 403, 404, 409, 413, 415, 503),
    },
    middleware: [limited] as const,
  });
const decode = codecRoute('/codec/decode', 'Payloads of this tenant’s workflows, decrypted: the codec endpoint of Temporal’s UI');
const encode = codecRoute('/codec/encode', 'Payloads encrypted as a workflow of this tenant would');

const embeddedDecode = createRoute({
  method: 'post',
  path: '/codec/{token}/decode',
  summary: 'The same for the Temporal UI of the embedded stack: from this machine only, by the token that the stack gave its UI',
  request: {
    params: z.object({ token: z.string() }),
    headers: z.object({ 'x-namespace': z.string().optional() }),
    body: { required: true, content: jsonOf(PayloadsSchema) },
  },
  responses: {
    200: { description: 'The payloads, in their order', content: jsonOf(PayloadsSchema) },
    ...problems(400, 404, 409, 413, 503),
  },
  middleware: [limited] as const,
});

/** Which browsers may ask. Before authentication, which a preflight does not carry. */
export function allowCodecOrigins(app: ApiApp, { origins }: Pick<CodecEndpoint, 'origins'>): void {
  const headers = ['authorization', 'content-type', 'x-namespace'];
  app.use('/codec/*', cors({ origin: [...origins], allowMethods: ['POST'], allowHeaders: headers, maxAge: 600 }));
}

/** Behind authentication, but for the route with a token. */
export function addCodecRoutes(app: ApiApp, { codec, namespace, token }: CodecEndpoint): void {
  app.openapi(decode, async (c) => {
    checkNamespace(c.req.valid('header')['x-namespace'], namespace);
    return c.json(toWire(await codec.decode(fromWire(c.req.valid('json')), c.get('tenantId'))), 200);
  });
  app.openapi(encode, async (c) => {
    checkNamespace(c.req.valid('header')['x-namespace'], namespace);
    return c.json(toWire(await codec.encode(fromWire(c.req.valid('json')), c.get('tenantId'))), 200);
  });
  if (token === undefined) return;
  app.openapi(embeddedDecode, async (c) => {
    const isLocal = LOOPBACK.test(getConnInfo(c).remote.address ?? '');
    if (!isLocal || !isSame(c.req.valid('param').token, token)) throw new LecternError('not-found', 'there is no such endpoint');
    checkNamespace(c.req.valid('header')['x-namespace'], namespace);
    return c.json(toWire(await codec.decode(fromWire(c.req.valid('json')), null)), 200);
  });
}

/** A UI that shows another namespace is not looking at ours. */
function checkNamespace(asked: string | undefined, namespace: string): void {
  if (asked !== undefined && asked !== namespace) throw new LecternError('not-found', 'there is nothing of that namespace here');
}

function fromWire({ payloads }: Payloads): Payload[] {
  return payloads.map(({ metadata, data }) => ({
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])),
    data: Buffer.from(data, 'base64'),
  }));
}

function toWire(payloads: readonly Payload[]): Payloads {
  const base64 = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('base64');
  return {
    payloads: payloads.map(({ metadata, data }) => ({
      metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)])),
      data: base64(data),
    })),
  };
}

function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
