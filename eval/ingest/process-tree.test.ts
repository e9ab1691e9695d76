import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { descendantsOf, parseStat, programOf, readProcessTree } from './process-tree.ts';

test('a name may hold spaces and brackets', () => {
  expect(parseStat('42 (a (b) c) S 7 42 42 0 -1')).toEqual({ pid: 42, parent: 7, name: 'a (b) c' });
  expect(parseStat('')).toBeUndefined();
});

test('a process of Node is named after its script', () => {
  expect(programOf('/usr/bin/node\0/srv/lectern/worker/main.ts\0')).toBe('worker/main.ts');
  expect(programOf('/cache/bin/temporal\0server\0start-dev\0')).toBe('temporal');
  expect(programOf('')).toBeUndefined();
});

test('children are found in whatever order the kernel lists them', () => {
  const stats = [
    { pid: 9, parent: 8, name: 'grandchild' },
    { pid: 5, parent: 1, name: 'stranger' },
    { pid: 8, parent: 7, name: 'child' },
    { pid: 7, parent: 1, name: 'root' },
  ];
  expect(descendantsOf(7, stats).map(({ name }) => name)).toEqual(['grandchild', 'child', 'root']);
});

test('this process and its child are counted', async () => {
  const child = spawn('sleep', ['60']);
  try {
    const tree = await readProcessTree(process.pid);
    expect(tree.map(({ pid }) => pid)).toEqual(expect.arrayContaining([process.pid, child.pid]));
    expect(tree.find(({ pid }) => pid === process.pid)?.rssBytes).toBeGreaterThan(10e6);
  } finally {
    child.kill();
  }
});
