import { defineConfig } from 'vitest/config';

// Two projects: `unit` takes seconds and needs nothing; `system` needs what `npm test` sets up (models, Temporal, MinIO).
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{contracts,deploy,transcript,workflows,activities,inference,media,storage,retrieval,api,worker,gpu-worker,cli,eval}/**/*.test.ts',
          ],
        },
      },
      {
        test: {
          name: 'system',
          include: ['tests/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          // Two cores: files beside each other would only slow each other's models down.
          fileParallelism: false,
        },
      },
    ],
  },
});
