import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEnvironment } from '../../../src/store/embedded/file/open-environment.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sapa-free-pages-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The list of free pages uses the number of a commit as its key, lowest byte first. */
it('the store is intact after any number of commits that freed pages', async () => {
  const reports: string[] = [];
  const report = (sentence: string): void => void reports.push(sentence);
  const commits = async (count: number): Promise<void> => {
    const environment = await openEnvironment(folder, report);
    for (let n = 0; n < count; n += 1) {
      await environment.write([{ key: Buffer.from([2, n % 8]), value: Buffer.alloc(3_000, n) }]);
    }
    await environment.close();
  };
  await commits(240);
  for (let opened = 0; opened < 24; opened += 1) await commits(2);
  expect(reports).toEqual([]);
});
