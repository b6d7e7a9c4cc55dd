import type { TableProfile } from '../../../src/contracts/tabular.js';
import { TabularError } from '../../../src/contracts/tabular.js';
import { seededRandom } from '../../../src/tabular/evaluate/random.js';
import { runWork } from '../../../src/tabular/work/run-work.js';
import { MEGABYTE, PeakMemory } from './peak-memory.js';

/** The largest tables that are accepted, and some that are not: time, and memory of the child process. */
export async function tabularLimitsBench(): Promise<void> {
  await learn('1,000,000 rows x 20 columns', numbers(1_000_000, 20, Number.POSITIVE_INFINITY));
  await learn('200 MB, 200 columns', numbers(1_000_000, 200, 199 * MEGABYTE));
  await refused('10,000 columns', numbers(20, 10_000, 10 * MEGABYTE));
  await refused('300 MB', numbers(3_000_000, 20, 300 * MEGABYTE));
  await refused('1,100,000 rows', numbers(1_100_000, 2, 100 * MEGABYTE));
}

async function learn(what: string, table: Uint8Array): Promise<void> {
  console.log(`${what}, ${megabytes(table.length)}`);
  const profile = await measured('profile', () => runWork({ type: 'profile', choices: {} }, [table]));
  if (profile === undefined) return;
  await measured('train', () => train(profile, table));
}

async function train(profile: TableProfile, table: Uint8Array): Promise<string> {
  const { result } = await runWork({ type: 'train', profile, wish: { target: 'target' }, name: 'x' }, [
    table,
  ]);
  const { figures, chosen } = result;
  return `${chosen}, ${JSON.stringify(figures.type === 'classes' ? figures.metrics.accuracy : figures.metrics.r2)}`;
}

async function refused(what: string, table: Uint8Array): Promise<void> {
  console.log(`${what}, ${megabytes(table.length)}`);
  await measured('profile', () => runWork({ type: 'profile', choices: {} }, [table]));
}

async function measured<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
  const peak = new PeakMemory();
  const started = performance.now();
  const tell = (end: string): void => {
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`  ${what}: ${end}, ${seconds} s, child at most ${megabytes(peak.stop())}`);
  };
  try {
    const answer = await work();
    tell(typeof answer === 'string' ? answer : 'done');
    return answer;
  } catch (error) {
    if (!(error instanceof TabularError)) throw error;
    tell(`${error.kind}: ${error.message}`);
    return undefined;
  } finally {
    peak.stop();
  }
}

/** A table of numbers and a few categories; the last column is derived from the first ones. */
function numbers(rows: number, columns: number, mostBytes: number): Uint8Array {
  const random = seededRandom(1);
  const names = Array.from({ length: columns - 1 }, (_, column) => `c${column}`);
  const parts = [Buffer.from(`${names.join(',')},target\n`)];
  let bytes = 0;
  for (let row = 0; row < rows && bytes < mostBytes; row += 1000) {
    const lines = Array.from({ length: Math.min(1000, rows - row) }, () => {
      const cells = names.map((_, column) =>
        column % 5 === 4 ? `k${Math.floor(random() * 30)}` : (random() * 1000).toFixed(3),
      );
      return `${cells.join(',')},${Number(cells[0]) + Number(cells[1] ?? 0) > 1000 ? 'yes' : 'no'}\n`;
    });
    const part = Buffer.from(lines.join(''));
    if (bytes + part.length > mostBytes) break;
    parts.push(part);
    bytes += part.length;
  }
  return Buffer.concat(parts);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / MEGABYTE)} MB`;
}
