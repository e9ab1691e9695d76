import { defineConfig } from 'vitest/config';

// `unit` takes seconds and needs nothing; `system` needs what `npm test` sets up (models, Temporal, MinIO); `faults` breaks real
// servers and takes its time: `npm run test:faults`.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // Seconds when alone; the system tests beside them may keep a property test waiting.
          testTimeout: 30_000,
          include: [
            '{contracts,deploy,transcript,workflows,activities,inference,media,storage,retrieval,observability,api,worker,gpu-worker,cli,eval,web}/**/*.test.ts',
          ],
        },
      },
      {
        test: {
          name: 'system',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/faults/**'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          // Two cores: files beside each other would only slow each other's models down.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['tests/faults/**/*.test.ts'],
          testTimeout: 1_200_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
