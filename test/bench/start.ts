import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expectSuccess, HttpClient } from './kit/http-call.js';
import { interleave } from './kit/interleave.js';
import { inFolder, makeTenant, startService } from './kit/service.js';
import { startNode } from './kit/child.js';
import { spreadOf } from './kit/statistics.js';
import { digits, printTable } from './kit/table.js';

const ROUNDS = 3;
const DOCUMENTS = 1_000;
const PARALLEL = 16;
const TENANT = 'bench';
const GOAL_MS = 2_000;
const BARE_SERVER = `require('node:http').createServer((_, response) => response.end('{}'))
  .listen(0, '127.0.0.1', function () { console.log('listening on http://127.0.0.1:' + this.address().port); });`;

/** Measures the time from starting the process to its first answer over HTTP. */
export function startBench(): Promise<void> {
  return inFolder(async (folder) => {
    const client = new HttpClient(PARALLEL);
    const full = join(folder, 'full');
    await fill(full, client);
    const figures = await interleave(ROUNDS, {
      bare: () => firstAnswer(client, bare),
      full: () => firstAnswer(client, () => service(full, 'false')),
      async empty() {
        const fresh = join(folder, 'fresh');
        await rm(fresh, { recursive: true, force: true });
        return firstAnswer(client, () => service(fresh, 'true'));
      },
      async copied() {
        // A folder that no process has opened before, as after a restore.
        const copy = join(folder, 'copy');
        await rm(copy, { recursive: true, force: true });
        await cp(full, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') });
        return firstAnswer(client, () => service(copy, 'false'));
      },
    });
    client.close();
    const common = { rival: figures.bare, rivalName: 'a bare Node server', unit: 'ms' };
    const { median, lowest, highest } = spreadOf(figures.full);
    printTable(
      `start: process started to its first answer, ${ROUNDS} runs`,
      [
        { what: `embedded store with ${DOCUMENTS} documents`, ours: figures.full, ...common },
        { what: 'the same, folder just copied', ours: figures.copied, ...common },
        { what: 'empty folder, sample business made', ours: figures.empty, ...common },
      ],
      [
        `first answer of the service: a chat answered from the documents, so the store is open and the index is built`,
        `${DOCUMENTS} documents: ${digits(median)} ms (${digits(lowest)}..${digits(highest)}); goal at most ${GOAL_MS} ms: ${median <= GOAL_MS ? 'met' : 'NOT met'}`,
      ],
    );
  });
}

interface Started {
  readonly stop: () => Promise<void>;
  /** Requests the first answer. */
  readonly ask: (client: HttpClient) => Promise<void>;
}

async function bare(): Promise<Started> {
  const child = await startNode(['-e', BARE_SERVER], /listening on /);
  const url = child.line.replace(/.*listening on /, '').trim();
  return { stop: child.stop, ask: async (client) => void expectSuccess(await client.post(url, '{}')) };
}

async function service(dataDir: string, seed: 'true' | 'false'): Promise<Started> {
  const started = await startService({ dataDir, env: { SEED_DEMO: seed } });
  const tenant = seed === 'true' ? 'demo' : TENANT;
  return {
    stop: started.stop,
    ask: (client) => chat(client, started.url, started.headers(tenant)),
  };
}

async function firstAnswer(client: HttpClient, start: () => Promise<Started>): Promise<number> {
  const from = performance.now();
  const started = await start();
  await started.ask(client);
  const took = performance.now() - from;
  await started.stop();
  return took;
}

async function chat(
  client: HttpClient,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const body = { user_id: 'p', messages: [{ role: 'user', content: 'How long is shipping to town 12?' }] };
  expectSuccess(await client.post(`${url}/v1/chat`, JSON.stringify(body), headers));
}

async function fill(dataDir: string, client: HttpClient): Promise<void> {
  const started = await startService({ dataDir });
  await makeTenant(started, client, TENANT);
  let next = 0;
  const upload = async (): Promise<void> => {
    while (next < DOCUMENTS) {
      const n = (next += 1);
      const body = JSON.stringify({ id: `town-${n}`, title: `Shipping to town ${n}`, text: textOf(n) });
      expectSuccess(await client.post(`${started.url}/kb/upsert`, body, started.headers(TENANT)));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, upload));
  await started.stop();
}

function textOf(n: number): string {
  return [
    `Orders to town ${n} leave the shop on weekdays before noon and take ${(n % 7) + 1} days.`,
    `The fee to town ${n} is Rp ${n}.000 for the first kilogram and Rp ${(n % 9) + 2}.500 for each further one.`,
    'Fragile goods travel in a wooden box. The number of the parcel is sent when it leaves.',
    `Parcels to town ${n} that come back twice are kept for a month at the shop and then sold.`,
  ].join('\n\n');
}
