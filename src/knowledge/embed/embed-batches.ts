import { EmbeddingError } from '../../contracts/embedding.js';
import { toUnitLength } from './unit-length.js';

export interface BatchLimits {
  readonly texts: number;
  readonly chars: number;
}

/**
 * Sends texts to a service in batches it accepts and checks the response.
 * @throws EmbeddingError `rejected` if a response does not have the expected shape
 */
export async function embedBatches(
  texts: readonly string[],
  limits: BatchLimits,
  dimensions: number,
  send: (batch: readonly string[]) => Promise<readonly (readonly number[])[]>,
): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (const batch of batches(texts, limits)) {
    const rows = await send(batch);
    if (rows.length !== batch.length || rows.some((row) => row.length !== dimensions)) {
      throw new EmbeddingError(
        'rejected',
        `asked for ${batch.length} vectors of ${dimensions} numbers, got ${rows.length} of ${rows[0]?.length ?? 0}`,
      );
    }
    for (const row of rows) vectors.push(toUnitLength(Float32Array.from(row)));
  }
  return vectors;
}

function batches(texts: readonly string[], limits: BatchLimits): string[][] {
  const result: string[][] = [];
  let open: string[] = [];
  let chars = 0;
  for (const text of texts) {
    if (open.length > 0 && (open.length >= limits.texts || chars + text.length > limits.chars)) {
      result.push(open);
      open = [];
      chars = 0;
    }
    // Services reject an empty text, but a space has a vector, too.
    open.push(text === '' ? ' ' : text);
    chars += text.length;
  }
  if (open.length > 0) result.push(open);
  return result;
}
