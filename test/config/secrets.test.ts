import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSecrets, loadSettings } from '../../src/config/index.js';
import { compiledEntry } from '../../src/lib/project-root.js';

let folder: string;
let dataDir: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sapa-secrets-'));
  dataDir = join(folder, 'data');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const load = (more: Record<string, string> = {}) =>
  loadSecrets(loadSettings({ DATA_DIR: dataDir, ...more }, join(folder, 'none')));

describe('the keys of an installation', () => {
  it(
    'are created once, readable by their owner alone, even if processes start at once',
    { timeout: 120_000 },
    async () => {
      const run = promisify(execFile);
      const entry = fileURLToPath(compiledEntry('test/config/secrets-child.js'));
      const starts = Array.from({ length: 4 }, () => run(process.execPath, [entry, dataDir]));
      const printed = new Set((await Promise.all(starts)).map(({ stdout }) => stdout));
      expect(printed.size).toBe(1);
      expect((JSON.parse([...printed][0] ?? '') as string[])[0]).toMatch(/^[0-9a-f]{64}$/);
      expect((await readdir(dataDir)).sort()).toEqual(['admin-key', 'master-key']);
      for (const name of ['admin-key', 'master-key']) {
        expect((await stat(join(dataDir, name))).mode & 0o777).toBe(0o600);
      }
      expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    },
  );

  it('stay the same across restarts', async () => {
    const first = await load();
    const key = (await readFile(join(dataDir, 'admin-key'), 'utf8')).trim();
    const second = await load();
    expect(second.masterKey).toEqual(first.masterKey);
    expect(second.isAdminKey(key)).toBe(true);
    for (const wrong of ['', key.slice(0, -1), `${key}x`, key.toUpperCase()]) {
      expect(second.isAdminKey(wrong)).toBe(false);
    }
  });

  it.each(['', 'short', Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64')])(
    'prevent the start if the master key is damaged (%j), and the file is left unchanged',
    async (damaged) => {
      await load();
      await writeFile(join(dataDir, 'master-key'), damaged);
      await expect(load()).rejects.toThrow(/master-key is damaged/);
      expect(await readFile(join(dataDir, 'master-key'), 'utf8')).toBe(damaged);
    },
  );

  it('may come from the settings, and then no file is created', async () => {
    const masterKey = Buffer.alloc(32, 7);
    const secrets = await load({
      API_KEY: 'a key that is long enough',
      SAPA_MASTER_KEY: masterKey.toString('base64'),
    });
    expect(Buffer.from(secrets.masterKey)).toEqual(masterKey);
    expect(secrets.isAdminKey('a key that is long enough')).toBe(true);
    expect(secrets.adminKeyFile).toBeUndefined();
    expect(await readdir(dataDir)).toEqual([]);
  });
});
