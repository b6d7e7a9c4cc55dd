import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compiledEntry } from '../../src/lib/project-root.js';
import { bePatient } from './support/be-patient.js';
import { removeDataDir, temporaryDataDir } from './support/start-sapa.js';

bePatient();

describe('a service that is stopped while it starts', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await temporaryDataDir();
  });
  afterEach(() => removeDataDir(dataDir));

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'exits cleanly on %s and leaves no socket behind',
    async (signal) => {
      const child = spawn(process.execPath, [fileURLToPath(compiledEntry('src/main.js'))], {
        env: { PATH: process.env['PATH'], DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'error' },
        stdio: 'ignore',
      });
      const exit = once(child, 'exit');
      const socket = join(dataDir, 'store.sock');
      await expect.poll(() => existsSync(socket), { timeout: 60_000, interval: 5 }).toBe(true);
      child.kill(signal);
      expect(await exit).toEqual([0, null]);
      expect(existsSync(socket)).toBe(false);
    },
  );
});
