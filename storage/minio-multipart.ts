import type { Client } from 'minio';
import { toStorageError } from './minio-errors.ts';
import type { ObjectInfo } from './object-store.ts';

/** A body up to this size goes in one request, a longer one in parts of it: the memory of one upload. 10,000 parts make 160 GB. */
export const PART_BYTES = 16 * 2 ** 20;

export interface PartUpload {
  client: Client;
  bucket: string;
  key: string;
  headers: Record<string, string>;
  /** `If-Match` or `If-None-Match`; S3 checks them when the parts are joined. */
  conditions: Record<string, string>;
}

/**
 * An upload of unknown length, part by part. Not by the client's own stream upload: that one joins another running upload to
 * the same key, never ends when the body fails, and has no conditions. Whatever goes wrong, the parts are dropped.
 */
export async function uploadInParts(upload: PartUpload, first: Buffer, rest: AsyncIterator<Buffer, undefined>): Promise<ObjectInfo> {
  const { client, bucket, key } = upload;
  const uploadId = await mapped(key, () => client.initiateNewMultipartUpload(bucket, key, upload.headers));
  try {
    const etags: string[] = [];
    let bytes = 0;
    for (let part: Buffer | undefined = first; part !== undefined; part = (await rest.next()).value) {
      etags.push(await putPart(upload, uploadId, etags.length + 1, part));
      bytes += part.length;
    }
    return { key, bytes, etag: await join(upload, uploadId, etags) };
  } catch (error) {
    // The reason is what went wrong first; parts that cannot be dropped now the server expires by itself.
    await client.abortMultipartUpload(bucket, key, uploadId).catch(() => undefined);
    throw error;
  }
}

/** Buffers of `PART_BYTES`, the last one shorter; none for an empty body. */
export async function* cutIntoParts(body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, undefined> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const chunk of body) {
    let rest = chunk;
    while (heldBytes + rest.length >= PART_BYTES) {
      const fits = PART_BYTES - heldBytes;
      yield Buffer.concat([...held, rest.subarray(0, fits)]);
      rest = rest.subarray(fits);
      held = [];
      heldBytes = 0;
    }
    // A copy: the producer may use its buffer again.
    if (rest.length > 0) held.push(Buffer.from(rest));
    heldBytes += rest.length;
  }
  if (heldBytes > 0) yield Buffer.concat(held);
  return undefined;
}

async function putPart(upload: PartUpload, uploadId: string, partNumber: number, part: Buffer): Promise<string> {
  const query = `partNumber=${partNumber}&uploadId=${encodeURIComponent(uploadId)}`;
  const options = {
    method: 'PUT',
    bucketName: upload.bucket,
    objectName: upload.key,
    query,
    headers: { 'Content-Length': String(part.length) },
  };
  const response = await mapped(upload.key, () => upload.client.makeRequestAsync(options, part));
  response.resume();
  return (response.headers.etag ?? '').replaceAll('"', '');
}

async function join(upload: PartUpload, uploadId: string, etags: string[]): Promise<string> {
  const parts = etags.map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`).join('');
  const body = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts}</CompleteMultipartUpload>`;
  const options = {
    method: 'POST',
    bucketName: upload.bucket,
    objectName: upload.key,
    query: `uploadId=${encodeURIComponent(uploadId)}`,
    headers: upload.conditions,
  };
  return mapped(upload.key, async () => {
    const response = await upload.client.makeRequestAsync(options, body);
    let answer = '';
    for await (const chunk of response) answer += String(chunk);
    // S3 may say 200 first and fail later: then the body is an error.
    const etag = /<ETag>(.*?)<\/ETag>/.exec(answer)?.[1];
    if (etag === undefined) throw new Error(/<Code>(.*?)<\/Code>/.exec(answer)?.[1] ?? 'the joined object has no etag');
    return etag.replaceAll(/"|&#34;|&quot;/g, '');
  });
}

async function mapped<T>(key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStorageError('put', key, error);
  }
}
