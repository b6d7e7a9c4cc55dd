import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmbeddingModel } from '../../../src/contracts/embedding.js';
import { WITH_MODEL, type Judgement } from '../../../src/knowledge/understanding/weights.js';
import { projectRoot } from '../../../src/lib/project-root.js';
import { hasDataSets } from '../../knowledge/search/datasets.js';
import { loadJudge, OWN_BUSINESSES } from '../judge.js';
import { localModel } from '../local-model.js';
import { businessPool } from './business-pools.js';
import { casesOf, learn, outcomeOf, type Case, type Outcome } from './learn.js';
import { embedPool } from './model-vectors.js';
import { withNearMisses } from './near-misses.js';
import type { Pool } from './pool.js';
import { publicPools } from './public-pools.js';

const WEIGHTS = join(projectRoot, 'src/knowledge/understanding/learned-weights.json');
/** Each source counts the same, however many messages it has. */
const sameWeight = (): number => 1;
/** An answer goes out from here in the report below. */
const SURE = [0.5, 0.6, 0.7, 0.8] as const;

/**
 * Learns the weights anew from the public sets and the businesses that are not held out, and says how
 * each source does with the weights learned from the others. `npm run eval -- learn`; with `words`
 * those for embedding models, which take long, stay as they are.
 */
export async function learnWeights(): Promise<void> {
  const judge = await loadJudge();
  if (judge === undefined || !hasDataSets()) return;
  const businesses = judge.readBusinesses(OWN_BUSINESSES).filter(({ unseen }) => unseen !== true);
  const plain = [...publicPools()];
  for (const business of businesses) plain.push(await businessPool(business, judge));
  const pools = withNearMisses(plain);
  const withoutModel = report(
    'without an embedding model',
    pools.flatMap((pool) => casesOf(pool)),
    false,
  );
  const model = process.argv.includes('words') ? undefined : await localModel();
  const withModel = model === undefined ? WITH_MODEL : await learnWithModel(pools, model);
  writeFileSync(WEIGHTS, `${JSON.stringify({ withoutModel, withModel }, null, 2)}\n`);
  console.log(`written: ${WEIGHTS}`);
  // Last: nothing but this promise may be left then, and the process ends.
  await model?.close();
}

async function learnWithModel(pools: readonly Pool[], model: EmbeddingModel): Promise<Judgement> {
  const cases: Case[] = [];
  for (const pool of pools) cases.push(...casesOf(pool, await embedPool(pool, model)));
  return report(`with ${model.id}`, cases, true);
}

function report(name: string, cases: readonly Case[], withModel: boolean): Judgement {
  console.log(`\n${name}: each source with the weights learned from the others, percent`);
  console.log(`| source | hit@1 | hit@3 | ${SURE.map((at) => `right / wrong from ${at}`).join(' | ')} |`);
  console.log(`|---|---|---|${SURE.map(() => '---|').join('')}`);
  const all: Outcome[] = [];
  for (const source of new Set(cases.map((each) => each.source))) {
    const others = cases.filter((each) => each.source !== source);
    const judgement = learn(others, sameWeight, withModel);
    const own = cases.filter((each) => each.source === source).map((each) => outcomeOf(each, judgement));
    all.push(...own);
    console.log(line(source, own));
  }
  console.log(line('all', all));
  return learn(cases, sameWeight, withModel);
}

function line(source: string, outcomes: readonly Outcome[]): string {
  const answerable = outcomes.filter(({ hasAnswer }) => hasAnswer);
  const percent = (count: number, of: number): string => (of === 0 ? '-' : ((100 * count) / of).toFixed(1));
  const hits = (of: (outcome: Outcome) => boolean): string =>
    percent(answerable.filter(of).length, answerable.length);
  const sure = SURE.map((at) => {
    const out = outcomes.filter(({ best }) => best >= at);
    const right = out.filter(({ isFirst }) => isFirst).length;
    return `${percent(right, answerable.length)} / ${percent(out.length - right, outcomes.length)}`;
  });
  const cells = [source, hits(({ isFirst }) => isFirst), hits(({ isThree }) => isThree), ...sure];
  return `| ${cells.join(' | ')} |`;
}
