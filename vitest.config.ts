import { defineConfig } from 'vitest/config';

/** Folders whose tests wait for servers more than they compute. */
const OF_SERVERS = 'tests/{api,cli,edits,encryption,observability,retrieval,storage,tenants,workflows}/**';

/** Real servers and models answer when they can. Two cores: files of a project one after the other. */
const PATIENT = { testTimeout: 120_000, hookTimeout: 300_000, fileParallelism: false };

// `unit` takes seconds and needs nothing; `models` and `servers` need what `npm test` sets up (models, Temporal, MinIO); `faults`
// breaks real servers and takes its time: `npm run test:faults`.
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
          name: 'models',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/faults/**', OF_SERVERS],
          ...PATIENT,
        },
      },
      {
        test: {
          name: 'servers',
          include: [`${OF_SERVERS}/*.test.ts`],
          ...PATIENT,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['tests/faults/**/*.test.ts'],
          ...PATIENT,
          testTimeout: 1_200_000,
        },
      },
    ],
  },
});
