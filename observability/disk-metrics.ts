import { statfsSync } from 'node:fs';
import type { MetricSource } from '../contracts/metrics.ts';

/** Room on the disks that `folders` lie on, by their names; a folder that is not there (yet) is left out. */
export function createDiskMetrics(folders: Readonly<Record<string, string>>): MetricSource {
  const read = () =>
    Object.entries(folders).flatMap(([folder, path]) => {
      try {
        const { bavail, blocks, bsize } = statfsSync(path);
        return [{ labels: { folder }, free: bavail * bsize, size: blocks * bsize }];
      } catch {
        return [];
      }
    });
  return () => {
    const disks = read();
    return [
      {
        name: 'lectern_disk_free_bytes',
        help: 'Bytes that this process may still write on the disk of a folder.',
        type: 'gauge',
        samples: disks.map(({ labels, free }) => ({ labels, value: free })),
      },
      {
        name: 'lectern_disk_size_bytes',
        help: 'Size of the disk of a folder.',
        type: 'gauge',
        samples: disks.map(({ labels, size }) => ({ labels, value: size })),
      },
    ];
  };
}
