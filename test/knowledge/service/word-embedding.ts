import { createHash } from 'node:crypto';
import type { EmbeddingModel } from '../../../src/contracts/embedding.js';

/** Vectors made from hashes of the words: texts that share words are close to each other. */
export class WordEmbedding implements EmbeddingModel {
  readonly id = 'test:words';
  readonly dimensions = 64;
  calls = 0;

  /** `before` runs before each call and may fail or delay it. */
  constructor(private readonly before: (call: number) => Promise<void> = () => Promise.resolve()) {}

  async embed(texts: readonly string[]): Promise<Float32Array[]> {
    this.calls += 1;
    await this.before(this.calls);
    return texts.map((text) => this.vector(text));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private vector(text: string): Float32Array {
    const vector = new Float32Array(this.dimensions);
    for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? ['']) {
      const index = (createHash('md5').update(word).digest()[0] ?? 0) % this.dimensions;
      vector[index] = (vector[index] ?? 0) + 1;
    }
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  }
}
