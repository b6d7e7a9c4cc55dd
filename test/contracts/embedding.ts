import { describe, expect, it } from 'vitest';
import type { EmbeddingModel } from '../../src/contracts/embedding.js';

export interface EmbeddingSubject {
  readonly model: EmbeddingModel;
  /** Two texts with the same meaning and one with another, if the model understands them. */
  readonly meaning?: { readonly same: readonly [string, string]; readonly other: string };
}

const never = new AbortController().signal;

/**
 * The contract of every embedding model. `open` is called for each test, and the model is closed after it.
 */
export function embeddingContract(name: string, open: () => Promise<EmbeddingSubject>): void {
  const withModel = async (run: (subject: EmbeddingSubject) => Promise<void>): Promise<void> => {
    const subject = await open();
    try {
      await run(subject);
    } finally {
      await subject.model.close();
    }
  };

  describe(`${name} as an embedding model`, () => {
    it('returns one unit vector of the declared length per text, in order', () =>
      withModel(async ({ model }) => {
        const texts = ['short', 'a much longer text about opening hours and shipping', 'jam buka', '😀'];
        const together = await model.embed(texts, 'passage', never);
        expect(together).toHaveLength(texts.length);
        for (const vector of together) {
          expect(vector).toBeInstanceOf(Float32Array);
          expect(vector).toHaveLength(model.dimensions);
          expect(cosine(vector, vector)).toBeCloseTo(1, 4);
        }
        for (const [index, text] of texts.entries()) {
          const [alone] = await model.embed([text], 'passage', never);
          // With a quantised model, a text's vector varies slightly with the other texts of its batch.
          const nearness = together.map((vector) => cosine(alone, vector));
          expect(nearness[index]).toBeGreaterThan(0.95);
          expect(nearness.indexOf(Math.max(...nearness))).toBe(index);
        }
      }));

    it('returns the same vector for the same text', () =>
      withModel(async ({ model }) => {
        const [first] = await model.embed(['the same text'], 'query', never);
        const [second] = await model.embed(['the same text'], 'query', never);
        expect(second).toEqual(first);
      }));

    it('returns nothing for no texts', () =>
      withModel(async ({ model }) => expect(await model.embed([], 'passage', never)).toEqual([])));

    it('embeds an empty text and a far too long one', () =>
      withModel(async ({ model }) => {
        const vectors = await model.embed(['', 'very long '.repeat(5000)], 'passage', never);
        expect(vectors.map((vector) => vector.length)).toEqual([model.dimensions, model.dimensions]);
      }));

    it('does nothing once the caller has aborted', () =>
      withModel(async ({ model }) => {
        const reason = new Error('given up');
        await expect(model.embed(['text'], 'query', AbortSignal.abort(reason))).rejects.toBe(reason);
      }));

    it('answers many callers at once', () =>
      withModel(async ({ model }) => {
        const texts = Array.from({ length: 12 }, (_, index) => `text number ${index}`);
        const answers = await Promise.all(
          texts.map((text, index) =>
            model.embed([text], index % 2 ? 'query' : 'passage', new AbortController().signal),
          ),
        );
        expect(answers.map((vectors) => vectors.length)).toEqual(texts.map(() => 1));
      }));

    it('places texts of the same meaning closer together, if it understands meaning', () =>
      withModel(async ({ model, meaning }) => {
        if (!meaning) return;
        const [a, b, other] = await model.embed([...meaning.same, meaning.other], 'passage', never);
        expect(cosine(a, b)).toBeGreaterThan(cosine(a, other) + 0.2);
      }));
  });
}

export function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (!a || !b) return Number.NaN;
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
