import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { EmbeddingError } from '../../../contracts/embedding.js';
import type { EmbeddingModel } from '../../../contracts/embedding.js';
import type { Fetch, Logger } from '../../../contracts/runtime.js';
import { downloadModel, MODEL_HOST } from './download-model.js';
import { MODEL_FILE } from './model-files.js';
import { modelProfile } from './model-profile.js';
import { WorkerProcess } from './worker-process.js';

export interface LocalEmbeddingOptions {
  /** Folder of models in the layout of transformers.js: `<name>/tokenizer.json`, `<name>/onnx/...`. */
  readonly modelsDir: string;
  /** E.g. `Xenova/multilingual-e5-small`. */
  readonly modelName: string;
  /** Whether a missing model may be downloaded. */
  readonly downloadAllowed: boolean;
  readonly fetch: Fetch;
  readonly logger: Logger;
  /** Where models are downloaded from. */
  readonly downloadFrom?: string;
  /** The worker is ended after this long without work, in ms. */
  readonly idleMs?: number;
  /** A worker whose memory exceeds this is replaced, in bytes. */
  readonly residentLimitBytes?: number;
  readonly threads?: number;
}

const DEFAULTS = {
  downloadFrom: MODEL_HOST,
  idleMs: 60_000,
  residentLimitBytes: 1024 * 1024 * 1024,
  threads: 2,
} as const satisfies Required<
  Pick<LocalEmbeddingOptions, 'downloadFrom' | 'idleMs' | 'residentLimitBytes' | 'threads'>
>;
/** `name` or `owner/name`, as on the hub; cannot escape the folder. */
const MODEL_NAME = /^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/;
const configSchema = z.object({ hidden_size: z.int().positive() });

/**
 * An ONNX sentence model in its own process, started with the first text and ended when idle.
 * @throws EmbeddingError `not-installed` if the model is missing and may not be downloaded
 */
export async function createLocalEmbedding(options: LocalEmbeddingOptions): Promise<EmbeddingModel> {
  const settings = { ...DEFAULTS, ...options };
  const { modelName, modelsDir } = settings;
  if (!MODEL_NAME.test(modelName)) {
    throw new EmbeddingError('not-installed', `"${modelName}" is not the name of a model.`);
  }
  await provideModel(settings);
  const { dimensions, revision } = await describeModel(join(modelsDir, modelName));
  const profile = modelProfile(modelName);
  const workers = new Workers(settings);
  return {
    id: `local:${modelName}:${revision}`,
    dimensions,
    async embed(texts, purpose, signal) {
      signal.throwIfAborted();
      if (texts.length === 0) return [];
      const prefix = purpose === 'query' ? profile.queryPrefix : profile.passagePrefix;
      return workers.embed(
        texts.map((text) => prefix + text),
        purpose === 'query',
        signal,
      );
    },
    close: () => workers.close(),
  };
}

async function provideModel(settings: Required<LocalEmbeddingOptions>): Promise<void> {
  const folder = join(settings.modelsDir, settings.modelName);
  const isThere = await stat(join(folder, MODEL_FILE)).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  if (!settings.downloadAllowed) {
    throw new EmbeddingError(
      'not-installed',
      `The model ${settings.modelName} is not in ${settings.modelsDir}, and MODELS_DOWNLOAD is not set.`,
    );
  }
  await downloadModel(settings);
}

/** The revision distinguishes different model files of the same name. */
async function describeModel(
  folder: string,
): Promise<{ readonly dimensions: number; readonly revision: string }> {
  try {
    const config = await readFile(join(folder, 'config.json'), 'utf8');
    const { size } = await stat(join(folder, MODEL_FILE));
    const revision = createHash('sha256').update(`${config}${size}`).digest('hex').slice(0, 12);
    return { dimensions: configSchema.parse(JSON.parse(config)).hidden_size, revision };
  } catch (cause) {
    throw new EmbeddingError('not-installed', `The model in ${folder} is incomplete.`, { cause });
  }
}

/** Keeps at most one current worker. */
class Workers {
  private current: WorkerProcess | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly settings: Required<LocalEmbeddingOptions>) {}

  async embed(texts: readonly string[], urgent: boolean, signal: AbortSignal): Promise<Float32Array[]> {
    if (this.closed) throw new EmbeddingError('unreachable', 'local embedding model: it is closed');
    clearTimeout(this.idleTimer);
    const worker = this.worker();
    try {
      return [...(await worker.embed(texts, urgent, signal))];
    } finally {
      this.afterWork(worker);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.idleTimer);
    await this.current?.close();
  }

  private worker(): WorkerProcess {
    if (this.current && !this.current.hasEnded) return this.current;
    const { modelsDir, modelName, threads } = this.settings;
    this.current = new WorkerProcess({ type: 'setup', modelsDir, modelName, threads });
    return this.current;
  }

  private afterWork(worker: WorkerProcess): void {
    const { idleMs, logger, modelName, residentLimitBytes } = this.settings;
    if (worker === this.current && worker.residentBytes > residentLimitBytes) {
      logger.info(
        { modelName, residentBytes: worker.residentBytes },
        'embedding worker grew too big and is replaced',
      );
      this.endCurrent();
      return;
    }
    if (!worker.isIdle || this.closed) return;
    this.idleTimer = setTimeout(() => this.endCurrent(), idleMs);
    this.idleTimer.unref();
  }

  private endCurrent(): void {
    this.current?.retire();
    this.current = undefined;
  }
}
