import type { TenantScope } from '../../../src/contracts/stores.js';
import { importContacts } from '../../../src/people/import-contacts.js';
import { noEvents } from '../../fakes/no-events.js';
import { interleave } from '../kit/interleave.js';
import { median } from '../kit/statistics.js';
import { printTable } from '../kit/table.js';
import { openBenchStore, peakOf } from './bench-store.js';

const FEW = 1_000;
const MANY = 100_000;
const ROUNDS = 5;
const SEARCHES = 20;

/** Measures the import of a large table of contacts, and how fast one of them is found. */
export async function contactsBench(): Promise<void> {
  const store = await openBenchStore();
  try {
    const scopes: Record<string, TenantScope> = {};
    for (const [name, count] of [
      ['few', FEW],
      ['many', MANY],
    ] as const) {
      const scope = await store.tenant(name);
      scopes[name] = scope;
      const { result: seconds, heap, resident } = await peakOf(() => imported(scope, count));
      console.log(
        `import of ${count} contacts: ${seconds.toFixed(1)} s, ${Math.round(count / seconds)} a second; at most ${heap.toFixed(0)} MB of JavaScript memory on the importing side, ${resident.toFixed(0)} MB with the store of this machine`,
      );
    }
    const { few, many } = scopes;
    if (few === undefined || many === undefined) return;
    const searchOf = (scope: TenantScope, count: number) => () => search(scope, count);
    const figures = await interleave(ROUNDS, { few: searchOf(few, FEW), many: searchOf(many, MANY) });
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
  }
}

/** Time taken by the import, in seconds. */
async function imported(scope: TenantScope, count: number): Promise<number> {
  const rows = Array.from({ length: count }, (_, n) => `${nameOf(n)},${phoneOf(n)},p${n}@example.com,L\n`);
  const text = `name,phone,email,size\n${rows.join('')}`;
  const started = performance.now();
  const { created } = await importContacts(scope, text, { events: noEvents, at: new Date() });
  if (created !== count) throw new Error(`${created} of ${count} were created`);
  return (performance.now() - started) / 1000;
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
