import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TenantScope } from '../../../src/contracts/stores.js';
import { systemClock } from '../../../src/lib/clock.js';
import { makeId } from '../../../src/lib/make-id.js';
import { importContacts } from '../../../src/people/import-contacts.js';
import { openEmbeddedStore } from '../../../src/store/embedded/index.js';
import { openStore } from '../../../src/store/index.js';
import { settingsFor } from '../../contracts/stores/under-test.js';
import { noEvents } from '../../fakes/no-events.js';
import { silentLogger } from '../../fakes/silent-logger.js';
import { interleave } from '../kit/interleave.js';
import { median } from '../kit/statistics.js';
import { printTable } from '../kit/table.js';

const FEW = 1_000;
const MANY = 100_000;
const ROUNDS = 5;
const SEARCHES = 20;
const MEGABYTE = 1024 * 1024;
const LOOK_EVERY_MS = 100;

/** A table of many contacts, how long it takes to come in, and how fast one of them is found. */
export async function contactsBench(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sapa-bench-'));
  const embedded = await openEmbeddedStore({ dataDir: join(folder, 'store'), logger: silentLogger });
  const deps = { clock: systemClock, makeId, logger: silentLogger };
  const store = await openStore({ uri: embedded.uri, masterKey: randomBytes(32), ...deps });
  try {
    const scopes: Record<string, TenantScope> = {};
    for (const [name, count] of [
      ['few', FEW],
      ['many', MANY],
    ] as const) {
      await store.service.putTenant(name, settingsFor(name));
      const scope = await store.service.scope(name);
      if (scope === undefined) throw new Error('the tenant is gone');
      scopes[name] = scope;
      const { seconds, peak } = await imported(scope, count);
      console.log(
        `import of ${count} contacts: ${seconds.toFixed(1)} s, ${Math.round(count / seconds)} a second; JavaScript memory of the importing side at most ${peak.toFixed(0)} MB`,
      );
    }
    const { few, many } = scopes;
    if (few === undefined || many === undefined) return;
    const found = (scope: TenantScope, count: number) => () => search(scope, count);
    const figures = await interleave(ROUNDS, { few: found(few, FEW), many: found(many, MANY) });
    printTable('finding one of many contacts by name or number, p50 of each round', [
      {
        what: `search among ${MANY}`,
        ours: figures.many,
        rival: figures.few,
        rivalName: `among ${FEW}`,
        unit: 'us',
        goal: { kind: 'at most', ratio: 5 },
      },
    ]);
  } finally {
    await store.close();
    await embedded.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function imported(
  scope: TenantScope,
  count: number,
): Promise<{ readonly seconds: number; readonly peak: number }> {
  const rows = Array.from({ length: count }, (_, n) => `${nameOf(n)},${phoneOf(n)},p${n}@example.com,L\n`);
  const text = `name,phone,email,size\n${rows.join('')}`;
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().heapUsed / MEGABYTE);
  }, LOOK_EVERY_MS);
  const started = performance.now();
  const { created } = await importContacts(scope, text, { events: noEvents, at: new Date() });
  clearInterval(timer);
  if (created !== count) throw new Error(`${created} of ${count} were created`);
  return { seconds: (performance.now() - started) / 1000, peak };
}

const FIRST = ['Ani', 'Budi', 'Citra', 'Dewi', 'Eko', 'Fitri', 'Gita', 'Hadi', 'Indah', 'Joko'];
const LAST = ['Wijaya', 'Santoso', 'Lestari', 'Kusuma', 'Prasetyo', 'Hartono', 'Utami'];

const nameOf = (n: number): string => `${FIRST[n % FIRST.length] ?? ''} ${LAST[n % LAST.length] ?? ''} ${n}`;
const phoneOf = (n: number): string => `0812${String(10_000_000 + n * 7)}`;

async function search(scope: TenantScope, count: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < SEARCHES; round += 1) {
    const n = Math.floor((count * (round + 0.5)) / SEARCHES);
    const query = round % 2 === 0 ? nameOf(n) : phoneOf(n).slice(3);
    const started = performance.now();
    const { items } = await scope.contacts.list({ query }, { limit: 20 });
    times.push((performance.now() - started) * 1000);
    if (!items.some(({ name }) => name === nameOf(n))) throw new Error(`${query} is not found`);
  }
  return median(times);
}
