import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { silenceLibsignal } from '../../channels/whatsapp/quiet-libsignal.js';
import { runStorm, type PlatformReport } from './run-storm.js';

/** `npm run storm`: the full run takes about 25 minutes. */
const { values } = parseArgs({
  options: {
    conversations: { type: 'string', default: '50' },
    messages: { type: 'string', default: '40' },
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    pause: { type: 'string', default: '20000' },
    patience: { type: 'string', default: '60000' },
    platforms: { type: 'string' },
    log: { type: 'string' },
  },
});
/** On a busy machine a model may not answer in time. */
const MOST_APOLOGIES_PERCENT = 1;
silenceLibsignal();
console.log(`seed ${values.seed}`);
const startedAt = performance.now();
const report = await runStorm({
  conversations: Number(values.conversations),
  messages: Number(values.messages),
  kills: Number(values.kills),
  seed: Number(values.seed),
  longestPauseMs: Number(values.pause),
  patienceMs: Number(values.patience),
  ...(values.platforms === undefined ? {} : { platforms: values.platforms.split(',') }),
  tell: (line) => console.log(`${Math.round((performance.now() - startedAt) / 1000)} s: ${line}`),
});
if (values.log !== undefined) {
  await writeFile(values.log, report.log);
  await writeFile(
    `${values.log}.seen.json`,
    JSON.stringify(
      report.platforms.map(({ seen }) => seen),
      null,
      1,
    ),
  );
}

function line({ name, written, verdict, inDoubt, unexcused, violations }: PlatformReport): string {
  const { lost, repeated, disordered, strays, swapped, apologies } = verdict;
  const counts = {
    written,
    lost,
    repeated,
    disordered,
    strays,
    swapped,
    apologies,
    inDoubt,
    unexcused,
    violations,
  };
  return `${name}: ${Object.entries(counts)
    .map(([key, value]) => `${key} ${typeof value === 'number' ? value : value.length}`)
    .join(', ')}`;
}

for (const platform of report.platforms) {
  console.log(line(platform));
  const { lost, repeated, disordered, strays } = platform.verdict;
  for (const [what, items] of Object.entries({
    lost,
    repeated,
    disordered,
    strays,
    unexcused: platform.unexcused,
    violations: platform.violations,
  })) {
    if (items.length > 0) console.log(`  ${what}: ${items.slice(0, 12).join(' | ')}`);
  }
}
console.log(
  `${report.kills} kills, ${report.modelCalls} model calls, ${Math.round(report.tookMs / 1000)} s, seed ${values.seed}`,
);
const isBad = report.platforms.some(
  ({ written, verdict: { lost, disordered, strays, apologies }, unexcused, violations }) =>
    apologies * 100 > written * MOST_APOLOGIES_PERCENT ||
    lost.length + disordered.length + strays.length + unexcused.length + violations.length > 0,
);
process.exitCode = isBad ? 1 : 0;
