import { describe, expect, it } from 'vitest';
import { EmbeddingError } from '../../../src/contracts/embedding.js';
import { createQuestionEmbedder } from '../../../src/knowledge/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { silentLogger } from '../../fakes/silent-logger.js';
import { WordEmbedding } from '../service/word-embedding.js';

/** Lets pending work run until it has to wait. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

function open(before: (call: number) => Promise<void>) {
  const clock = new ManualClock();
  const model = new WordEmbedding(before);
  return { clock, model, embedder: createQuestionEmbedder({ model, clock, logger: silentLogger }) };
}

describe('question embeddings', () => {
  it('come from the model once and from the cache afterwards', async () => {
    const { embedder, model } = open(() => Promise.resolve());
    const [first] = (await embedder.vectorsOf(['kopi susu'])) ?? [];
    expect(first).toHaveLength(model.dimensions);
    expect(await embedder.vectorsOf(['kopi susu'])).toEqual([first]);
    expect(model.calls).toBe(1);
  });

  it('are awaited for at most 300 ms and cached for the next person who asks the same', async () => {
    let answer = (): void => undefined;
    const { embedder, clock } = open(() => new Promise((resolve) => (answer = resolve)));
    const vectors = embedder.vectorsOf(['kopi susu']);
    await settle();
    clock.advance(300);
    expect(await vectors).toBeUndefined();
    answer();
    await settle();
    expect(await embedder.vectorsOf(['kopi susu'])).toHaveLength(1);
  });

  it('cost no waiting while the model is down, and return once it is up', async () => {
    let isDown = true;
    const { embedder, clock, model } = open(() =>
      isDown ? Promise.reject(new EmbeddingError('unreachable', 'down')) : Promise.resolve(),
    );
    for (const text of ['a', 'b', 'c', 'd']) expect(await embedder.vectorsOf([text])).toBeUndefined();
    expect(model.calls).toBe(2);
    isDown = false;
    clock.advance(5_000);
    // The first call after the pause only probes the model.
    expect(await embedder.vectorsOf(['e'])).toBeUndefined();
    await settle();
    expect(await embedder.vectorsOf(['f'])).toHaveLength(1);
  });
});
