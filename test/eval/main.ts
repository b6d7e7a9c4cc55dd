import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../../src/lib/project-root.js';
import { abstractSet } from './abstracts.js';
import { askBusinesses, askMessages, MESSAGE_SETS, type EmbeddingChoice } from './ask-businesses.js';
import { intentSet } from './intents.js';
import { learnWeights } from './learn/main.js';
import { evaluateModels } from './models/main.js';
import { measurePrompts } from './models/measure-prompts.js';
import { LOCAL_MODEL, localModel, SHARED_MODELS } from './local-model.js';
import { publicSets } from './public-sets.js';

const RECORDED = join(projectRoot, 'test/eval/recorded.json');
/** A smaller difference may be chance, such as another day of the week or another order. */
const ALLOWANCE = 1.5;

const LOCAL: EmbeddingChoice = {
  name: ', local model',
  variables: { MODELS_DIR: SHARED_MODELS, EMBEDDING_PROVIDER: 'local', EMBEDDING_MODEL_NAME: LOCAL_MODEL },
  settleMs: 12_000,
};

const recordedSchema = z.record(z.string(), z.number());
type Figures = Readonly<Record<string, number>>;

/**
 * Measures answers as customers get them, with businesses that nobody tuned for and with public sets. `npm
 * run eval` fails if a figure falls below the last recorded one; `npm run eval -- record` records them again;
 * with `models` it also measures with the multilingual model of ../shared/models; `-- businesses` asks only
 * the businesses and shows what went wrong, `-- follow-ups` and `-- long-messages` only those; `-- prompts` measures what a language model would be given, `--
 * --model <provider:model>` what a model makes of it, `-- --replay FILE` what a recorded one made of it.
 */
if (process.argv.includes('learn')) {
  await learnWeights();
  process.exit();
}
if (process.argv.includes('businesses')) {
  await askBusinesses(undefined, true);
  process.exit();
}
const set = MESSAGE_SETS.find((name) => process.argv.includes(name));
if (set !== undefined) {
  await askMessages(set, true);
  process.exit();
}
if (['--model', '--with', '--replay'].some((option) => process.argv.includes(option))) {
  await evaluateModels(process.argv.slice(2));
  process.exit();
}
if (process.argv.includes('prompts')) {
  const at = process.argv.indexOf('prompts');
  console.log(await measurePrompts(process.argv.slice(at + 1)));
  process.exit();
}
// Slow: texts of the businesses and abstracts are embedded by a local model.
const withModel = process.argv.includes('models');
const model = withModel ? await localModel() : undefined;
const figures: Figures = {
  ...(await askBusinesses()),
  ...(await askMessages('follow-ups')),
  ...(await askMessages('long-messages')),
  ...(model === undefined ? {} : await askBusinesses(LOCAL)),
  ...(await publicSets()),
  ...(await abstractSet(model)),
  ...intentSet(),
};
await model?.close();
const recorded: Figures = existsSync(RECORDED)
  ? recordedSchema.parse(JSON.parse(readFileSync(RECORDED, 'utf8')))
  : {};
const fallen = Object.entries(figures).filter(
  ([name, value]) => value < (recorded[name] ?? -Infinity) - ALLOWANCE,
);
console.log('\n| what | now | recorded |\n|---|---|---|');
for (const [name, value] of Object.entries(figures)) {
  console.log(`| ${name} | ${value.toFixed(1)} | ${recorded[name]?.toFixed(1) ?? '-'} |`);
}
if (process.argv.includes('record')) {
  writeFileSync(RECORDED, `${JSON.stringify({ ...recorded, ...figures }, null, 2)}\n`);
} else if (fallen.length > 0) {
  console.error(`fallen: ${fallen.map(([name]) => name).join(', ')}`);
  process.exitCode = 1;
}
