import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EmbeddingError } from '../../../contracts/embedding.js';
import type { Fetch, Logger } from '../../../contracts/runtime.js';
import { MODEL_FILES } from './model-files.js';

export const MODEL_HOST = 'https://huggingface.co';

export interface DownloadModelOptions {
  readonly modelsDir: string;
  readonly modelName: string;
  readonly downloadFrom: string;
  readonly fetch: Fetch;
  readonly logger: Logger;
}

/** Downloads the files of a model; each appears under its final name only once it is complete. */
export async function downloadModel(options: DownloadModelOptions): Promise<void> {
  const { downloadFrom, fetch, logger, modelName, modelsDir } = options;
  logger.info({ modelName, downloadFrom }, 'downloading embedding model');
  for (const file of MODEL_FILES) {
    const url = `${downloadFrom}/${modelName}/resolve/main/${file}`;
    const response = await fetch(url).catch((cause: unknown) => {
      throw new EmbeddingError('unreachable', `download of ${file} of ${modelName} failed`, { cause });
    });
    if (!response.ok || !response.body) {
      throw new EmbeddingError('not-installed', `${url} answered ${response.status}`);
    }
    await save(response.body, join(modelsDir, modelName, file), modelName);
  }
}

async function save(body: ReadableStream<Uint8Array>, path: string, modelName: string): Promise<void> {
  const temporary = `${path}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await pipeline(Readable.fromWeb(body), createWriteStream(temporary));
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new EmbeddingError('unreachable', `download of ${modelName} failed`, { cause });
  }
}
