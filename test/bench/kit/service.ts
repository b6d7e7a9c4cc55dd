import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compiledEntry } from '../../../src/lib/project-root.js';
import { startNode, type StartedChild } from './child.js';
import { expectSuccess, type HttpClient } from './http-call.js';

export interface Service extends StartedChild {
  readonly url: string;
  /** Headers of an administrator acting for the tenant. */
  headers(tenantId: string): Readonly<Record<string, string>>;
}

export interface ServiceOptions {
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments for Node, before the entry. */
  readonly flags?: readonly string[];
  /** Default: the service itself; a bench that inspects it has an entry of its own. */
  readonly entry?: string;
}

/** Starts the real service in its own process, on a free port. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { dataDir, env = {}, flags = [], entry = 'src/main.js' } = options;
  const child = await startNode([...flags, fileURLToPath(compiledEntry(entry))], /listening on /, {
    DATA_DIR: dataDir,
    PORT: '0',
    SEED_DEMO: 'false',
    LOG_LEVEL: 'warn',
    NODE_ENV: 'production',
    ...env,
  });
  const key = (await readFile(join(dataDir, 'admin-key'), 'utf8')).trim();
  return {
    ...child,
    url: child.line.replace(/.*listening on /, '').trim(),
    headers: (tenantId) => ({ 'x-api-key': key, 'x-tenant-id': tenantId }),
  };
}

export async function makeTenant(service: Service, client: HttpClient, tenantId: string): Promise<void> {
  const settings = { id: tenantId, name: 'Bench', locale: 'en' };
  const { 'x-tenant-id': _, ...admin } = service.headers(tenantId);
  expectSuccess(await client.post(`${service.url}/v1/tenants`, JSON.stringify(settings), admin));
}

/** Runs `work` in a temporary folder, which is removed afterwards. */
export async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'sapa-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
