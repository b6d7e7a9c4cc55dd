import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EmbeddingModel } from '../../../src/contracts/embedding.js';
import { WITH_MODEL, type Judgement } from '../../../src/knowledge/understanding/matching/weights.js';
import { projectRoot } from '../../../src/lib/project-root.js';
import { hasDataSets } from '../../knowledge/search/datasets.js';
import { loadJudge, OWN_BUSINESSES } from '../judge.js';
import { localModel } from '../local-model.js';
import { businessPool } from './business-pools.js';
import { casesOf, learn, outcomeOf, type Case, type Outcome, type SourceWeight } from './learn.js';
import { withoutAnswers } from './left-out.js';
import { embedPool, type PoolVectors } from './model-vectors.js';
import { withNearMisses } from './near-misses.js';
import type { Pool } from './pool.js';
import { publicPools } from './public-pools.js';

const WEIGHTS = join(projectRoot, 'src/knowledge/understanding/learned-weights.json');
/** Weight of a public set relative to a business, because its questions are not those of customers. */
const PUBLIC_WEIGHT = 0.3;
/** Thresholds of certainty from which the report below counts an answer as sent. */
const SURE = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75] as const;

/**
 * Refits the weights from the public sets and the businesses that are not held out, and reports how each
 * source does with the weights fitted on the others. Run with `npm run eval -- learn`; with `words`, the
 * weights for embedding models, which take long, are left unchanged.
 */
export async function learnWeights(): Promise<void> {
  const judge = await loadJudge();
  if (judge === undefined || !hasDataSets()) return;
  const known = judge.readBusinesses(OWN_BUSINESSES).filter(({ unseen }) => unseen !== true);
  const businesses: Pool[] = [];
  for (const business of known) businesses.push(await businessPool(business, judge));
  const sources = new Set(businesses.map(({ source }) => source));
  const material: Material = {
    pools: withNearMisses([...publicPools(), ...businesses]),
    sources,
    weightOf: (source) => (sources.has(source) ? 1 : PUBLIC_WEIGHT),
  };
  const withoutModel = report('without an embedding model', material, casesOfAll(material), false);
  write({ withoutModel, withModel: WITH_MODEL });
  if (process.argv.includes('words')) return;
  const model = await localModel();
  if (model === undefined) return;
  write({ withoutModel, withModel: await learnWithModel(material, model) });
  // Must come last: after it, only this promise may be pending, and the process ends.
  await model.close();
}

function write(weights: { readonly withoutModel: Judgement; readonly withModel: Judgement }): void {
  writeFileSync(WEIGHTS, `${JSON.stringify(weights, null, 2)}\n`);
  console.log(`written: ${WEIGHTS}`);
}

/** Everything to learn from. */
interface Material {
  readonly pools: readonly Pool[];
  /** The sources that are businesses. */
  readonly sources: ReadonlySet<string>;
  readonly weightOf: SourceWeight;
}

function casesOfAll(
  { pools, sources }: Material,
  vectorsOf?: (pool: Pool) => PoolVectors | undefined,
): Case[] {
  return pools.flatMap((pool) => {
    const vectors = vectorsOf?.(pool);
    const reduced = sources.has(pool.source) ? withoutAnswers(pool, vectors) : [];
    return [{ pool, vectors }, ...reduced].flatMap((each) => casesOf(each.pool, each.vectors));
  });
}

async function learnWithModel(material: Material, model: EmbeddingModel): Promise<Judgement> {
  const vectors = new Map<Pool, PoolVectors>();
  for (const pool of material.pools) vectors.set(pool, await embedPool(pool, model));
  const cases = casesOfAll(material, (pool) => vectors.get(pool));
  return report(`with ${model.id}`, material, cases, true);
}

function report(name: string, material: Material, cases: readonly Case[], withModel: boolean): Judgement {
  const { sources, weightOf } = material;
  console.log(`\n${name}: each source with the weights learned from the others, percent`);
  console.log(`| source | hit@1 | hit@3 | ${SURE.map((at) => `right / wrong from ${at}`).join(' | ')} |`);
  console.log(`|---|---|---|${SURE.map(() => '---|').join('')}`);
  const all: Outcome[] = [];
  const ofBusinesses: Outcome[] = [];
  for (const source of new Set(cases.map((each) => each.source))) {
    const others = cases.filter((each) => each.source !== source);
    const judgement = learn(others, weightOf, withModel);
    const own = cases.filter((each) => each.source === source).map((each) => outcomeOf(each, judgement));
    all.push(...own);
    if (sources.has(source)) ofBusinesses.push(...own);
    console.log(line(source, own));
  }
  console.log(line('all', all));
  console.log(line('all businesses', ofBusinesses));
  return learn(cases, weightOf, withModel);
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
