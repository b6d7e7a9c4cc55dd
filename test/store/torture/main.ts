import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mendWaitsOnClosedConnections } from '../../../src/store/closed-connections.js';
import { seededRandom } from '../../storm/random.js';
import { runHostileFrames } from './hostile.js';
import { runKills, runRepairKills } from './kills.js';
import { runPowerCuts } from './power.js';
import { runWorkload } from './workload.js';

/** `npm run store:torture`: the full run, about half an hour. */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    cuts: { type: 'string', default: '30' },
    frames: { type: 'string', default: '100000' },
    clients: { type: 'string', default: '8' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
  },
});
// Without this, closing a client whose server was just killed sometimes never ends.
mendWaitsOnClosedConnections();
const random = seededRandom(Number(values.seed));
console.log(`seed ${values.seed}`);
/** Shares of the kills during the workload and during repairs; the rest happen during long operations. */
const SHARE = { workload: 0.2, repair: 0.1 } as const;
const kills = Number(values.kills);
const violations: string[] = [];

async function part(
  name: string,
  run: (folder: string) => Promise<{ violations?: readonly string[] }>,
): Promise<void> {
  if (values.only !== undefined && values.only !== name) return;
  const folder = await mkdtemp(join(tmpdir(), 'sapa-torture-'));
  const started = performance.now();
  try {
    const { violations: issues = [], ...figures } = await run(folder);
    violations.push(...issues.map((sentence) => `${name}: ${sentence}`));
    const seconds = Math.round((performance.now() - started) / 1_000);
    console.log(`${name} (${seconds} s): ${JSON.stringify(figures)}, violations ${issues.length}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await part('workload', (dataDir) =>
  runWorkload({
    dataDir,
    clients: Number(values.clients),
    kills: Math.round(kills * SHARE.workload),
    pauseMs: 1_500,
    random,
  }),
);
await part('kills', async (dataDir) => {
  const atWork = Math.round(kills * (1 - SHARE.workload - SHARE.repair));
  const report = await runKills(dataDir, atWork, random);
  const repairs = await runRepairKills(dataDir, Math.round(kills * SHARE.repair), random);
  return {
    kills: { ...report.kills, 'a repair': repairs.kills },
    acknowledged: report.acknowledged,
    violations: [...report.violations, ...repairs.violations],
  };
});
await part('power', () => runPowerCuts(Number(values.cuts), random));
await part('hostile', async (dataDir) => {
  const report = await runHostileFrames(dataDir, Number(values.frames), random);
  return { ...report, violations: report.isAlive ? [] : ['the store does not answer'] };
});
for (const sentence of violations) console.log(sentence);
process.exitCode = violations.length > 0 ? 1 : 0;
