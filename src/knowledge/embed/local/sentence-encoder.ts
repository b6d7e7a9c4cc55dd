import { join } from 'node:path';
import { AutoTokenizer, env } from '@xenova/transformers';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { toUnitLength } from '../unit-length.js';
import { MODEL_FILE } from './model-files.js';
import type { ModelSetup } from './worker-message.js';

/**
 * Tokens per run, padding included: 32 questions, or 4 passages. More gains nothing on a few cores, and makes
 * urgent texts wait.
 */
const TOKENS_PER_RUN = 512;
/**
 * Sentence models are trained on shorter texts, and the cost of attention grows with the square of the
 * length.
 */
const MAXIMUM_TOKENS = 512;

/** A text split into tokens, and its position among the texts of a request. */
export interface Tokenized {
  readonly position: number;
  readonly ids: readonly number[];
}

/**
 * A sentence model: tokenised by transformers.js, computed by onnxruntime, mean of the token vectors, scaled
 * to length 1.
 */
export class SentenceEncoder {
  private constructor(
    private readonly tokenize: (text: string) => number[],
    private readonly session: InferenceSession,
  ) {}

  static async load({ modelsDir, modelName, threads }: ModelSetup): Promise<SentenceEncoder> {
    env.allowRemoteModels = false;
    env.localModelPath = modelsDir;
    const tokenizer = await AutoTokenizer.from_pretrained(modelName, { local_files_only: true });
    const session = await InferenceSession.create(join(modelsDir, modelName, MODEL_FILE), {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
    });
    return new SentenceEncoder((text) => tokenizer.encode(text), session);
  }

  /** The texts in batches to run together, each of similar length so that there is little padding. */
  batchesOf(texts: readonly string[]): Tokenized[][] {
    const tokenized = texts.map((text, position) => ({ position, ids: shortened(this.tokenize(text)) }));
    return batches(tokenized.toSorted((a, b) => a.ids.length - b.ids.length));
  }

  /** One vector per text of a batch. */
  async run(batch: readonly Tokenized[]): Promise<Float32Array[]> {
    const width = Math.max(...batch.map(({ ids }) => ids.length));
    const size = batch.length * width;
    const ids = new BigInt64Array(size);
    const mask = new BigInt64Array(size);
    for (const [row, item] of batch.entries()) {
      for (const [column, id] of item.ids.entries()) {
        ids[row * width + column] = BigInt(id);
        mask[row * width + column] = 1n;
      }
    }
    const shape = [batch.length, width];
    const all: Record<string, Tensor> = {
      input_ids: new Tensor('int64', ids, shape),
      attention_mask: new Tensor('int64', mask, shape),
      token_type_ids: new Tensor('int64', new BigInt64Array(size), shape),
    };
    const feeds = Object.fromEntries(
      Object.entries(all).filter(([name]) => this.session.inputNames.includes(name)),
    );
    const output = (await this.session.run(feeds))[this.session.outputNames[0] ?? ''];
    const hidden = output?.data;
    const dimensions = output?.dims[2];
    if (!(hidden instanceof Float32Array) || dimensions === undefined) {
      throw new Error('the model does not give one vector per token');
    }
    const vectors = batch.map(({ ids: tokens }, row) =>
      toUnitLength(meanOfTokens(hidden, row * width * dimensions, tokens.length, dimensions)),
    );
    output?.dispose();
    return vectors;
  }
}

function meanOfTokens(hidden: Float32Array, start: number, tokens: number, dimensions: number): Float32Array {
  const mean = new Float32Array(dimensions);
  for (let token = 0; token < tokens; token += 1) {
    const offset = start + token * dimensions;
    for (let index = 0; index < dimensions; index += 1) {
      mean[index] = (mean[index] ?? 0) + (hidden[offset + index] ?? 0);
    }
  }
  for (let index = 0; index < dimensions; index += 1) mean[index] = (mean[index] ?? 0) / tokens;
  return mean;
}

/** Keeps the last token, which marks the end of the text. */
function shortened(ids: readonly number[]): readonly number[] {
  return ids.length <= MAXIMUM_TOKENS ? ids : [...ids.slice(0, MAXIMUM_TOKENS - 1), ...ids.slice(-1)];
}

/** Groups neighbours whose padded size stays within `TOKENS_PER_RUN`. */
function batches(sorted: readonly Tokenized[]): Tokenized[][] {
  const result: Tokenized[][] = [];
  let open: Tokenized[] = [];
  for (const item of sorted) {
    if (open.length > 0 && (open.length + 1) * item.ids.length > TOKENS_PER_RUN) {
      result.push(open);
      open = [];
    }
    open.push(item);
  }
  if (open.length > 0) result.push(open);
  return result;
}
