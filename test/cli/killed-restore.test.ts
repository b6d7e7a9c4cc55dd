import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compiledEntry } from '../../src/lib/project-root.js';
import { openWorkplace, type Workplace } from './run-sapa.js';

const FEW = 3;
const MANY = 3_000;
/** Fractions of a full restore's duration after which the next restore is killed. */
const MOMENTS = [0.5, 0.7, 0.8, 0.9];

describe('a restore that is killed', { timeout: 300_000 }, () => {
  let place: Workplace;

  beforeAll(async () => {
    place = await openWorkplace();
  }, 60_000);
  afterAll(() => place.remove());

  /** Exports a shop with this many frequent questions; returns the file. */
  async function exported(count: number): Promise<string> {
    const rows = Array.from(
      { length: count },
      (_, n) => `What is number ${n}?,It is the ${n}th of ${count}.`,
    );
    const csv = join(place.folder, `${count}.csv`);
    await writeFile(csv, ['question,answer', ...rows].join('\n'));
    const id = `shop-${count}`;
    await place.json(['tenants', 'create', id, '--name', 'Toko']);
    await place.json(['faq', 'import', csv, '--tenant', id]);
    const file = join(place.folder, `${count}.sapa.gz`);
    await place.json(['tenants', 'export', id, file]);
    await place.json(['tenants', 'erase', id, '--yes']);
    return file;
  }

  async function countOf(id: string): Promise<unknown> {
    const look = join(place.folder, 'look.sapa.gz');
    const { counts } = await place.json(['tenants', 'export', id, look, '--force']);
    return (counts as Record<string, number>)['faq'];
  }

  async function restoreKilledAfter(ms: number, file: string): Promise<void> {
    const words = ['tenants', 'restore', file, '--id', 'shop', '--replace'];
    const child = spawn(process.execPath, [fileURLToPath(compiledEntry('src/cli.js')), ...words], {
      cwd: place.folder,
      env: { PATH: process.env['PATH'] ?? '', DATA_DIR: place.dataDir },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    const timer = setTimeout(() => child.kill('SIGKILL'), ms);
    await ended;
    clearTimeout(timer);
  }

  it('leaves either the old or the new data complete, and can be started again', async () => {
    const [few, many] = [await exported(FEW), await exported(MANY)];
    const began = performance.now();
    await place.json(['tenants', 'restore', many, '--id', 'shop']);
    const wholeMs = performance.now() - began;
    expect(await countOf('shop')).toBe(MANY);

    for (const part of MOMENTS) {
      await place.json(['tenants', 'restore', few, '--id', 'shop', '--replace']);
      await restoreKilledAfter(wholeMs * part, many);
      expect([FEW, MANY]).toContain(await countOf('shop'));
    }

    await place.json(['tenants', 'restore', many, '--id', 'shop', '--replace']);
    expect(await countOf('shop')).toBe(MANY);
    const { items } = await place.json(['tenants', 'list']);
    expect(items).toMatchObject([{ id: 'shop' }]);
  });
});
