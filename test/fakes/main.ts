import { createInterface } from 'node:readline';
import { discordStage } from './discord/stage.js';
import type { Stage } from './stage.js';
import { telegramStage } from './telegram/stage.js';
import { whatsAppStage } from './whatsapp/stage.js';

/** `npm run fakes`: platforms on loopback, on which you play the customer of a Sapa started alongside. */
const LOOK_EVERY_MS = 200;

const stages: readonly Stage[] = await Promise.all([discordStage(), telegramStage(), whatsAppStage()]);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

say('Start Sapa in another terminal with:');
say(
  [
    ...stages.flatMap(({ settings }) => Object.entries(settings).map(([name, value]) => `${name}=${value}`)),
    'npm start',
  ].join(' '),
);
say('Then write as a customer:');
for (const { name, help } of stages) for (const line of help) say(`  ${name} ${line}`);

const lineCounts = new Map<Stage, number>();
const timer = setInterval(() => {
  for (const stage of stages) {
    const lines = stage.shown();
    for (const line of lines.slice(lineCounts.get(stage) ?? 0)) say(`${stage.name} › ${line}`);
    lineCounts.set(stage, lines.length);
  }
}, LOOK_EVERY_MS);

const input = createInterface({ input: process.stdin });
input.on('line', (typed) => {
  const [, name = '', rest = ''] = /^(\S+)\s+(.+)$/.exec(typed.trim()) ?? [];
  const stage = stages.find((one) => one.name === name);
  if (stage === undefined) return say(`begin with one of: ${stages.map((one) => one.name).join(', ')}`);
  try {
    stage.play(rest);
  } catch (error) {
    say(error instanceof Error ? error.message : 'that cannot be done');
  }
});
input.on('close', () => {
  clearInterval(timer);
  void Promise.all(stages.map((stage) => stage.close()));
});
