import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createLocalEmbedding } from '../../src/knowledge/embed/local/local-embedding.js';
import { VectorScan } from '../../src/knowledge/search/vector-scan.js';
import { projectRoot } from '../../src/lib/project-root.js';
import { seeded } from '../eval/learn/fit.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { hasDataSets, loadXquad } from '../knowledge/search/datasets.js';

const MODEL = 'Xenova/all-MiniLM-L6-v2';
const ROWS = 100_000;
const DIMENSIONS = 384;
const ROUNDS = 7;
const TOP_K = 10;
const QUESTIONS = 320;

/**
 * Exact vector search and embedding with the local model, each against a plain implementation in the same
 * rounds.
 */
export async function embeddingsBench(): Promise<void> {
  scanBench();
  await localBench();
}

/** Against the loop anyone would write: a single sum over an array of vectors. */
function scanBench(): void {
  const random = seeded(11);
  const vectors = Array.from({ length: ROWS }, () => unitVector(random));
  const scan = new VectorScan(DIMENSIONS, Uint32Array.from(vectors.keys()), vectors, TOP_K);
  const ours: number[] = [];
  const plain: number[] = [];
  let isExact = true;
  for (let round = -1; round < ROUNDS; round += 1) {
    const query = unitVector(random);
    const [results, own] = timed(() => {
      const top = scan.search(query, TOP_K);
      return [...top.ids.slice(0, top.size)];
    });
    const [expectedIds, other] = timed(() => plainSearch(vectors, query));
    isExact &&= expectedIds.every((id) => results.includes(id));
    // The first round only warms up.
    if (round < 0) continue;
    ours.push(own);
    plain.push(other);
  }
  console.log(
    `vectors, ${ROWS} x ${DIMENSIONS}: ${median(ours).toFixed(1)} ms (${Math.min(...ours).toFixed(1)} to ` +
      `${Math.max(...ours).toFixed(1)}), ${(median(plain) / median(ours)).toFixed(2)}x a plain loop, ` +
      `the same ${TOP_K} found: ${isExact ? 'yes' : 'NO'}`,
  );
}

function plainSearch(vectors: readonly Float32Array[], query: Float32Array): readonly number[] {
  const scored = vectors.map((vector, id) => {
    let sum = 0;
    for (let i = 0; i < DIMENSIONS; i += 1) sum += (vector[i] ?? 0) * (query[i] ?? 0);
    return { id, sum };
  });
  return scored
    .sort((a, b) => b.sum - a.sum)
    .slice(0, TOP_K)
    .map(({ id }) => id);
}

/**
 * Questions per second, in one call and one by one. The pipeline of transformers.js, the published rival,
 * does not run on the current runtime that Sapa uses.
 */
async function localBench(): Promise<void> {
  const modelsDir = join(projectRoot, '../shared/models');
  if (!hasDataSets()) return;
  if (!existsSync(join(modelsDir, MODEL))) {
    console.log(`skipped: the model ${MODEL} is not in ../shared/models`);
    return;
  }
  const texts = loadXquad()
    .queries.map(({ text }) => text)
    .slice(0, QUESTIONS);
  const options = { modelsDir, modelName: MODEL, downloadAllowed: false, fetch, logger: silentLogger };
  const model = await createLocalEmbedding({ ...options, idleMs: 600_000 });
  try {
    const ratios: number[] = [];
    const rates: number[] = [];
    for (let round = -1; round < 3; round += 1) {
      const own = await perSecond(texts.length, () =>
        model.embed(texts, 'query', new AbortController().signal),
      );
      const other = await perSecond(texts.length, async () => {
        for (const text of texts) await model.embed([text], 'query', new AbortController().signal);
      });
      if (round < 0) continue;
      rates.push(own);
      ratios.push(own / other);
    }
    console.log(
      `embeddings, local ${MODEL}: ${median(rates).toFixed(0)} questions/s, ` +
        `${median(ratios).toFixed(2)}x the same one by one (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
    );
  } finally {
    await model.close();
  }
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (count / (performance.now() - started)) * 1000;
}

function timed<Result>(work: () => Result): readonly [Result, number] {
  const started = performance.now();
  const result = work();
  return [result, performance.now() - started];
}

function unitVector(random: () => number): Float32Array {
  const vector = Float32Array.from({ length: DIMENSIONS }, () => random() + random() + random() - 1.5);
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
