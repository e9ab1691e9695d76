import { Client } from 'minio';
import { afterAll, describe, expect, it } from 'vitest';
import { openMinioObjectStore } from '../../storage/minio-object-store.ts';
import { startTestMinio } from '../support/minio-server.ts';
import { failingAfter } from './bodies.ts';
import { describeObjectStore } from './object-store-contract.ts';

const minio = await startTestMinio();
afterAll(() => minio.stop());

describeObjectStore('MinIO', () => openMinioObjectStore(minio));

describe('an upload to MinIO that breaks', () => {
  it('leaves no parts behind', async () => {
    const store = await openMinioObjectStore(minio);
    const { hostname, port } = new URL(minio.url);
    const client = new Client({
      endPoint: hostname,
      port: Number(port),
      useSSL: false,
      accessKey: minio.accessKey,
      secretKey: minio.secretKey,
    });
    const begun = await client.initiateNewMultipartUpload(minio.bucket, 'broken/upload', {});
    expect(await incomplete(client, 'broken/upload')).toEqual([begun]);
    await client.abortMultipartUpload(minio.bucket, 'broken/upload', begun);
    await expect(store.put('broken/upload', failingAfter(40_000_000))).rejects.toThrow('the client hung up');
    expect(await incomplete(client, 'broken/upload')).toEqual([]);
    await store.close();
  });

  async function incomplete(client: Client, key: string): Promise<string[]> {
    const uploads: string[] = [];
    for await (const upload of client.listIncompleteUploads(minio.bucket, key, true))
      uploads.push((upload as { uploadId: string }).uploadId);
    return uploads;
  }
});

describe('a MinIO that does not serve', () => {
  it('is unavailable when nobody listens', async () => {
    await expect(openMinioObjectStore({ ...minio, url: 'http://127.0.0.1:9' })).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('says which settings to check when it refuses the key', async () => {
    await expect(openMinioObjectStore({ ...minio, secretKey: 'not-the-secret' })).rejects.toMatchObject({
      kind: 'unavailable',
      cure: expect.stringContaining('MINIO_SECRET_KEY') as string,
    });
  });
});
