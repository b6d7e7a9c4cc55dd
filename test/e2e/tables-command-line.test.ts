import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compiledEntry } from '../../src/lib/project-root.js';
import { eventually } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type SapaClient } from './support/http-client.js';
import { openMovedClock, type MovedClock } from './support/moved-clock.js';
import { removeDataDir, startSapa, type RunningSapa } from './support/start-sapa.js';

bePatient();

/** Longer than a process that trains is silent while it is alive, in ms. */
const SILENCE_MS = 2 * 60_000;
const PATIENCE_MS = 90_000;

let clock: MovedClock;
let sapa: RunningSapa;
let shop: SapaClient;
let file: string;
beforeAll(async () => {
  clock = await openMovedClock();
  sapa = await startSapa({ env: { ...clock.env, SEED_DEMO: 'false' } });
  shop = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'bikes' });
  await shop.call('PUT', '/v1/tenants/bikes/settings', { json: { name: 'bikes' } });
  // Takes some seconds, so that there is time to end it.
  const rows = Array.from({ length: 30_000 }, (_, row) =>
    [row % 97, (row * 31) % 1009, (row * 17) % 503, (Math.sin(row) * 1000).toFixed(3)].join(','),
  );
  file = join(sapa.dataDir, 'long.csv');
  await writeFile(file, ['a,b,c,value', ...rows].join('\n'));
});
afterAll(async () => {
  await sapa.stop();
  await removeDataDir(sapa.dataDir);
  await clock.close();
});

async function newestStatus(): Promise<unknown> {
  const [newest] = (await shop.call('GET', '/v1/training-logs')).body['items'] as { status: string }[];
  return newest?.status;
}

/** Starts `sapa train`, and resolves once it trains. */
async function training(name: string): Promise<{ child: ChildProcess; output(): string }> {
  const args = ['train', file, '--tenant', 'bikes', '--target', 'value', '--name', name];
  const child = spawn(process.execPath, [fileURLToPath(compiledEntry('src/cli.js')), ...args], {
    cwd: sapa.dataDir,
    env: { PATH: process.env['PATH'], HOME: sapa.dataDir, DATA_DIR: sapa.dataDir },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  await eventually(newestStatus, (status) => status === 'running', PATIENCE_MS);
  return { child, output: () => output };
}

it('a training of the command line ends with Ctrl-C, for good', async () => {
  const { child, output } = await training('stopped');
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(output()).toContain('The training is stopped.');
  await clock.jump(SILENCE_MS);
  expect(await newestStatus()).toBe('failed');
  expect((await shop.call('GET', '/v1/models')).body['items']).toEqual([]);
});

it('a training of the command line that was killed is finished by the service', async () => {
  const { child } = await training('killed');
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(await newestStatus()).toBe('running');
  await clock.jump(SILENCE_MS);
  await eventually(newestStatus, (status) => status === 'done', PATIENCE_MS);
  const { body } = await shop.call('GET', '/v1/models');
  expect(body['items']).toMatchObject([{ name: 'killed', version: 1, active: true }]);
});
