import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../src/lib/project-root.js';

/** Starts a service with its own data, as an operator would. */
export async function startService(variables: Readonly<Record<string, string>>): Promise<{
  readonly url: string;
  readonly key: string;
  stop(): Promise<void>;
}> {
  const data = mkdtempSync(join(tmpdir(), 'sapa-eval-'));
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [join(projectRoot, 'dist/src/main.js')], {
    env: { PATH, HOME, DATA_DIR: data, PORT: '0', SEED_DEMO: 'false', LOG_LEVEL: 'warn', ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (piece: Buffer) => {
      output += piece.toString();
      const [, address] = /listening on (http:\S+)/.exec(output) ?? [];
      if (address !== undefined) resolve(address);
    });
    child.once('exit', () => reject(new Error(`the service did not start:\n${output}`)));
  });
  return {
    url,
    key: readFileSync(join(data, 'admin-key'), 'utf8').trim(),
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}
