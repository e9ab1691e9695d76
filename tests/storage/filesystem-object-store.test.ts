import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openFilesystemObjectStore } from '../../storage/filesystem-object-store.ts';
import { describeObjectStore } from './object-store-contract.ts';

const root = await mkdtemp(join(tmpdir(), 'lectern-objects-'));
afterAll(() => rm(root, { recursive: true, force: true }));

describeObjectStore('folder', () => openFilesystemObjectStore(root));
