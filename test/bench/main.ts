import { answersBench } from './answers/main.js';
import { channelsBench } from './channels/main.js';
import { embeddingsBench } from './embeddings.js';
import { contactsBench } from './people/contacts.js';
import { followUpsBench } from './people/follow-ups.js';
import { fusionBench } from './fusion.js';
import { memoryBench } from './memory/main.js';
import { startBench } from './start.js';
import { turnBench } from './turn/main.js';
import { retrievalBench } from './retrieval.js';
import { storeBench } from './store/main.js';
import { tabularLimitsBench } from './tabular/limits.js';
import { tabularBench } from './tabular/main.js';

/** Each bench prints ratios to a rival or floor measured in the same minutes; none of them asserts. */
const benches: Readonly<Record<string, () => Promise<void>>> = {
  turn: turnBench,
  start: startBench,
  memory: memoryBench,
  retrieval: retrievalBench,
  embeddings: embeddingsBench,
  answers: answersBench,
  fusion: fusionBench,
  store: storeBench,
  tabular: tabularBench,
  'tabular-limits': tabularLimitsBench,
  contacts: contactsBench,
  followups: followUpsBench,
  channels: channelsBench,
};

const names = process.argv.slice(2);
const unknown = names.find((name) => !(name in benches));
if (unknown !== undefined) {
  console.error(`no bench ${unknown}; there are ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
for (const name of names.length === 0 ? Object.keys(benches) : names) await benches[name]?.();
