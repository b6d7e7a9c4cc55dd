import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compiledEntry } from '../../src/lib/project-root.js';

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Workplace {
  /** An empty folder of its own, with `data` as DATA_DIR. */
  readonly folder: string;
  readonly dataDir: string;
  sapa(words: readonly string[], more?: { env?: Record<string, string>; input?: string }): Promise<Outcome>;
  /** Like `sapa` with `--json`; throws unless it exits with 0 and prints JSON. */
  json(words: readonly string[], more?: { env?: Record<string, string> }): Promise<Record<string, unknown>>;
  startService(): Promise<RunningService>;
  remove(): Promise<void>;
}

export interface RunningService {
  ask(
    tenant: string,
    text: string,
    key?: string,
  ): Promise<{ readonly status: number; readonly answer?: string; readonly source?: string }>;
  /** The audit trail of the business, newest first. */
  trail(
    tenant: string,
  ): Promise<readonly { readonly actor: { readonly type: string }; readonly action: string }[]>;
  stop(): Promise<number | null>;
}

export async function openWorkplace(): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), 'sapa-cli-'));
  const dataDir = join(folder, 'data');
  const environment = { PATH: process.env['PATH'] ?? '', DATA_DIR: dataDir, SEED_DEMO: 'false' };

  const sapa: Workplace['sapa'] = (words, { env = {}, input = '' } = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [fileURLToPath(compiledEntry('src/cli.js')), ...words], {
        cwd: folder,
        env: { ...environment, ...env },
      });
      let out = '';
      let err = '';
      child.stdout.on('data', (part: Buffer) => (out += part.toString()));
      child.stderr.on('data', (part: Buffer) => (err += part.toString()));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, out, err }));
      child.stdin.end(input);
    });

  return {
    folder,
    dataDir,
    sapa,
    async json(words, more) {
      const { code, out, err } = await sapa([...words, '--json'], more);
      if (code !== 0) throw new Error(`sapa ${words.join(' ')} exited with ${code}: ${err}`);
      return JSON.parse(out) as Record<string, unknown>;
    },
    startService: () => startService(folder, dataDir, environment),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function startService(
  folder: string,
  dataDir: string,
  environment: Record<string, string>,
): Promise<RunningService> {
  const child = spawn(process.execPath, [fileURLToPath(compiledEntry('src/main.js'))], {
    cwd: folder,
    env: { ...environment, PORT: '0', LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    void exit.then(() => reject(new Error('the service ended before it listened')));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const address = /listening on (\S+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
  const adminKey = (await readFile(join(dataDir, 'admin-key'), 'utf8')).trim();
  return {
    async ask(tenant, text, key = adminKey) {
      const response = await fetch(`${url}/v1/chat`, {
        method: 'POST',
        headers: { 'x-api-key': key, 'x-tenant-id': tenant, 'content-type': 'application/json' },
        body: JSON.stringify({ user_id: 'ana', messages: [{ role: 'user', content: text }] }),
      });
      const body = (await response.json()) as { answer?: string; source?: string };
      return { ...body, status: response.status };
    },
    async trail(tenant) {
      const headers = { 'x-api-key': adminKey, 'x-tenant-id': tenant };
      const response = await fetch(`${url}/v1/audit?limit=100`, { headers });
      const { items } = (await response.json()) as { items: Awaited<ReturnType<RunningService['trail']>> };
      return items;
    },
    async stop() {
      child.kill('SIGTERM');
      return exit;
    },
  };
}
