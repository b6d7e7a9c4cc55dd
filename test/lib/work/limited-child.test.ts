import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runLimitedChild } from '../../../src/lib/work/limited-child.js';
import { projectRoot } from '../../../src/lib/project-root.js';

const folder = join(projectRoot, 'data-of-a-test');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a child process that reads untrusted files can read its program but no key of the service', async () => {
  const key = join(folder, 'master-key');
  mkdirSync(folder, { recursive: true });
  writeFileSync(key, 'secret');
  const paths = [join(projectRoot, 'package.json'), key, join(projectRoot, '.env'), '/etc/hostname'];
  const answer = await runLimitedChild({
    entry: 'test/lib/nosy-child.js',
    limits: { cpuMs: 10_000, wallMs: 20_000, residentBytes: 1e9, heapMegabytes: 100 },
    messages: [paths],
    onMessage: (message) => ({ answer: message }),
  });
  expect(answer).toEqual(['read', 'ERR_ACCESS_DENIED', 'ERR_ACCESS_DENIED', 'ERR_ACCESS_DENIED']);
});

it('a child process that somebody kills is told from one that uses too much', async () => {
  const work = runLimitedChild({
    entry: 'test/lib/killed-child.js',
    limits: { cpuMs: 10_000, wallMs: 20_000, residentBytes: 1e9, heapMegabytes: 100 },
    messages: ['work'],
    onMessage: () => undefined,
  });
  await expect(work).rejects.toMatchObject({ kind: 'killed' });
});
