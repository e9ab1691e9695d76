import { afterAll, describe, expect, it } from 'vitest';
import { openMinioObjectStore } from '../../storage/minio-object-store.ts';
import { startTestMinio } from '../support/minio-server.ts';
import { describeObjectStore } from './object-store-contract.ts';

const minio = await startTestMinio();
afterAll(() => minio.stop());

describeObjectStore('MinIO', () => openMinioObjectStore(minio));

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
