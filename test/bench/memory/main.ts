import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expectSuccess, HttpClient } from '../kit/http-call.js';
import { anonymousBytes, residentBytes, startNode } from '../kit/child.js';
import { interleave } from '../kit/interleave.js';
import { inFolder, makeTenant, startService, type Service } from '../kit/service.js';
import { digits, printTable } from '../kit/table.js';
import { spreadOf } from '../kit/statistics.js';
import { projectRoot } from '../../../src/lib/project-root.js';

const ROUNDS = 3;
const TENANT_ROUNDS = 1;
const SETTLE_MS = 3_000;
const TENANTS = 500;
/** Tenants opened before the first measurement, so that one-time costs of the service do not count. */
const WARM_UP = 150;
const GOAL_KB = 50;
const MB = 1024 * 1024;
/** The libraries of the platforms, without which no bot could do. */
const PLATFORMS = ['grammy', '@discordjs/rest', '@discordjs/ws'] as const;
const AT_REST = `setInterval(() => undefined, 60_000); console.log('ready');`;
const root = pathToFileURL(join(projectRoot, 'package.json')).href;
const load = (name: string): string =>
  `require('node:module').createRequire(${JSON.stringify(root)})(${JSON.stringify(name)});`;

/** Measures the resident memory of the idle service and the cost of an idle tenant. */
export function memoryBench(): Promise<void> {
  return inFolder(async (folder) => {
    const client = new HttpClient(4);
    const perTenant: number[] = [];
    const figures = await interleave(ROUNDS, {
      bare: () => resident(['-e', AT_REST]),
      grammy: () => resident(['-e', load('grammy') + AT_REST]),
      platforms: () => resident(['-e', PLATFORMS.map(load).join('') + AT_REST]),
      service: () => residentService(folder),
    });
    for (let round = 0; round < TENANT_ROUNDS; round += 1)
      perTenant.push(await kilobytesPerTenant(folder, round, client));
    client.close();
    const row = { ours: figures.service, unit: 'MB' };
    const tenants = spreadOf(perTenant);
    printTable(
      `memory: resident, ${SETTLE_MS / 1000} s after the start, ${ROUNDS} rounds`,
      [
        { what: 'idle service', ...row, rival: figures.bare, rivalName: 'bare Node' },
        { what: 'idle service', ...row, rival: figures.grammy, rivalName: 'Node with grammY' },
        {
          what: 'idle service',
          ...row,
          rival: figures.platforms,
          rivalName: `Node with ${PLATFORMS.join(', ')}`,
          goal: { kind: 'at most', ratio: 2.5 },
        },
      ],
      [
        `an idle tenant, of ${TENANTS} opened: ${digits(tenants.median)} KB (${digits(tenants.lowest)}..${digits(tenants.highest)}); goal at most ${GOAL_KB} KB: ${tenants.median <= GOAL_KB ? 'met' : 'NOT met'}`,
        'discord.js as a whole is not a dependency: grammY and discord.js bare were published as 87 MB, 2.5x of that is 218 MB',
      ],
    );
  });
}

async function resident(args: readonly string[]): Promise<number> {
  const child = await startNode(args, /ready/);
  return atRest(child);
}

async function residentService(folder: string): Promise<number> {
  const dataDir = join(folder, 'service');
  return atRest(await startService({ dataDir }));
}

async function atRest(child: { pid: number; stop(): Promise<void> }): Promise<number> {
  await pause(SETTLE_MS);
  const bytes = residentBytes(child.pid);
  await child.stop();
  return bytes / MB;
}

/**
 * Growth of the process from the first tenant to the last, after a garbage collection, in KB per tenant. All
 * tenants were opened once before; pages of the store's file that are in memory do not count.
 */
async function kilobytesPerTenant(folder: string, round: number, client: HttpClient): Promise<number> {
  const dataDir = join(folder, `tenants-${round}`);
  const first = await startService({ dataDir });
  for (let n = 0; n < WARM_UP + TENANTS; n += 1) {
    await makeTenant(first, client, `tenant-${n}`);
    await open(first, client, n);
  }
  await first.stop();
  const service = await startService({
    dataDir,
    flags: ['--expose-gc'],
    entry: 'test/bench/memory/collected-service.js',
  });
  for (let n = 0; n < WARM_UP; n += 1) await open(service, client, n);
  const before = await collected(service);
  for (let n = WARM_UP; n < WARM_UP + TENANTS; n += 1) await open(service, client, n);
  const after = await collected(service);
  await service.stop();
  return (after - before) / 1024 / TENANTS;
}

/** A tenant is opened by its first search. */
async function open(service: Service, client: HttpClient, n: number): Promise<void> {
  const body = JSON.stringify({ query: 'shipping' });
  expectSuccess(await client.post(`${service.url}/v1/kb/search`, body, service.headers(`tenant-${n}`)));
}

async function collected(service: Service): Promise<number> {
  await pause(SETTLE_MS);
  const reply = once(service.process, 'message');
  service.process.send('collect');
  await reply;
  return anonymousBytes(service.pid);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
