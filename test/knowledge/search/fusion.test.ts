import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuse } from '../../../src/knowledge/search/fuse.js';
import { VectorScan } from '../../../src/knowledge/search/vector-scan.js';

describe('fusion of keyword and semantic scores', () => {
  it('ranks first what both rate highly', () => {
    const order = fuse([
      { id: 1, keyword: 10, semantic: 0.1 },
      { id: 2, keyword: 8, semantic: 0.8 },
      { id: 3, keyword: 0, semantic: 0.9 },
    ]).map(({ id }) => id);
    expect(order[0]).toBe(2);
  });

  it('lets keywords lead, because a model may not know the language', () => {
    const [best] = fuse([
      { id: 1, keyword: 10, semantic: 0.1 },
      { id: 2, keyword: 0, semantic: 0.9 },
    ]);
    expect(best?.id).toBe(1);
  });

  it('uses one ranking alone if the other does not discriminate', () => {
    const candidates = [3, 1, 2].map((id) => ({ id, keyword: 0, semantic: id / 10 }));
    expect(fuse(candidates).map(({ id }) => id)).toEqual([3, 2, 1]);
    const withoutVectors = [3, 1, 2].map((id) => ({ id, keyword: id, semantic: undefined }));
    expect(fuse(withoutVectors).map(({ id }) => id)).toEqual([3, 2, 1]);
  });

  it('returns every candidate once, scored between 0 and 1, best first', () => {
    const score = fc.double({ min: 0, max: 30, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(score, fc.option(score, { nil: undefined }))), (scores) => {
        const fused = fuse(scores.map(([keyword, semantic], id) => ({ id, keyword, semantic })));
        expect(fused.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(scores.map((_, i) => i));
        fused.forEach(({ score: value }, i) => {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
          expect(value).toBeLessThanOrEqual(fused[i - 1]?.score ?? 1);
        });
      }),
    );
  });
});

describe('the vector scan', () => {
  const vector = (dimensions: number): fc.Arbitrary<Float32Array> =>
    fc
      .array(fc.integer({ min: -9, max: 9 }), { minLength: dimensions, maxLength: dimensions })
      .map((values) => Float32Array.from(values));

  it('finds the exact nearest neighbour by cosine, for any number of dimensions', () => {
    const input = fc
      .integer({ min: 1, max: 11 })
      .chain((d) => fc.tuple(vector(d), fc.array(vector(d), { minLength: 1, maxLength: 30 })));
    fc.assert(
      fc.property(input, ([query, rows]) => {
        const scan = new VectorScan(
          query.length,
          Uint32Array.from(rows, (_, i) => i),
          rows,
          50,
        );
        const top = scan.search(query, 5);
        const best = Math.max(...rows.map((row) => cosine(query, row)));
        expect(top.scores[0]).toBeCloseTo(best, 4);
        expect(scan.similarity(query, top.ids[0] ?? -1)).toBeCloseTo(best, 4);
      }),
    );
  });

  it.each([37, 64, 384])(
    'finds the same among many vectors with the SIMD code, in %i dimensions',
    (dimensions) => {
      const count = 3_100;
      const wave = (seed: number) =>
        Float32Array.from({ length: dimensions }, (_, i) => Math.sin(seed * (i + 1.7)));
      const rows = Array.from({ length: count }, (_, row) => wave(row + 0.5));
      const scan = new VectorScan(dimensions, Uint32Array.from(rows.keys()), rows, 50);
      const allowed = new Uint8Array(count).fill(1);
      for (const [seed, without] of [
        [3.25, []],
        [1_500.1, [1_500, 1_499]],
        [3_099.5, [0]],
      ] as const) {
        for (const id of without) allowed[id] = 0;
        const query = wave(seed);
        const top = scan.search(query, 5, allowed);
        const wanted = rows
          .map((row, id) => ({ id, score: cosine(query, row) }))
          .filter(({ id }) => allowed[id] === 1)
          .sort((a, b) => b.score - a.score)
          .slice(0, 5);
        wanted.forEach(({ score }, at) => expect(top.scores[at]).toBeCloseTo(score, 4));
        expect(top.ids[0]).toBe(wanted[0]?.id);
        expect(scan.similarity(query, wanted[0]?.id ?? -1)).toBeCloseTo(wanted[0]?.score ?? 0, 4);
      }
    },
  );

  it('rejects a vector of another length', () => {
    expect(() => new VectorScan(3, Uint32Array.of(0), [new Float32Array(4)], 5)).toThrow(RangeError);
  });
});

function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  a.forEach((value, i) => (dot += value * (b[i] ?? 0)));
  const lengths = Math.hypot(...a) * Math.hypot(...b);
  return lengths === 0 ? 0 : dot / lengths;
}
