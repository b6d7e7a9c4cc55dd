import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { EmbeddingError } from '../../../src/contracts/embedding.js';
import type { EmbeddingModel } from '../../../src/contracts/embedding.js';
import { createLocalEmbedding } from '../../../src/knowledge/index.js';
import type { LocalEmbeddingOptions } from '../../../src/knowledge/index.js';
import { projectRoot } from '../../../src/lib/project-root.js';
import { cosine, embeddingContract } from '../../contracts/embedding.js';
import { silentLogger } from '../../fakes/silent-logger.js';

const MODELS_DIR = join(projectRoot, '../shared/models');
const MODEL = 'Xenova/all-MiniLM-L6-v2';
const hasModel = existsSync(join(MODELS_DIR, MODEL, 'onnx/model_quantized.onnx'));
if (!hasModel)
  process.stdout.write(`skipped: no model in ${MODELS_DIR}, set it up to test local embeddings\n`);
const never = new AbortController().signal;

const options: LocalEmbeddingOptions = {
  modelsDir: MODELS_DIR,
  modelName: MODEL,
  downloadAllowed: false,
  fetch,
  logger: silentLogger,
};

describe.skipIf(!hasModel)('a local embedding model', () => {
  embeddingContract('the local model', async () => ({
    model: await createLocalEmbedding(options),
    meaning: {
      same: ['The cat sits on the mat.', 'A cat is sitting on a rug.'],
      other: 'Quarterly revenue rose by ten percent.',
    },
  }));

  let model: EmbeddingModel | undefined;
  afterEach(() => model?.close());

  it('ends its process when idle and starts a new one for the next text', async () => {
    model = await createLocalEmbedding({ ...options, idleMs: 50 });
    const [before] = await model.embed(['opening hours'], 'query', never);
    await expect.poll(childProcesses, { timeout: 10_000 }).toBe(0);
    const [after] = await model.embed(['opening hours'], 'query', never);
    expect(cosine(before, after)).toBeCloseTo(1, 5);
  });

  it('replaces a process that has grown too large without losing work', async () => {
    model = await createLocalEmbedding({ ...options, residentLimitBytes: 1 });
    const opened = model;
    const answers = await Promise.all(
      ['one', 'two', 'three'].map((text) => opened.embed([text], 'passage', never)),
    );
    expect(answers.flat()).toHaveLength(3);
    await expect.poll(childProcesses, { timeout: 10_000 }).toBe(0);
  });

  it('embeds a question before a long document that is still waiting', async () => {
    model = await createLocalEmbedding(options);
    const order: string[] = [];
    const long = Array.from({ length: 80 }, (_, index) => `passage ${index} `.repeat(40));
    await model.embed(['warm'], 'query', never);
    await Promise.all([
      model.embed(long, 'passage', never).then(() => order.push('document')),
      model.embed(['a question'], 'query', never).then(() => order.push('question')),
    ]);
    expect(order).toEqual(['question', 'document']);
  });

  it('lets a caller abort midway', async () => {
    model = await createLocalEmbedding(options);
    const controller = new AbortController();
    const work = model.embed(['text '.repeat(300)], 'passage', controller.signal);
    controller.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
  });

  it('downloads a missing model if downloads are allowed', async () => {
    const server = createServer((request, response) => {
      const file = (request.url ?? '').replace('/resolve/main', '');
      readFile(join(MODELS_DIR, file)).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const modelsDir = await mkdtemp(join(tmpdir(), 'models-'));
    try {
      model = await createLocalEmbedding({
        ...options,
        modelsDir,
        downloadAllowed: true,
        downloadFrom: `http://127.0.0.1:${port}`,
      });
      expect(await model.embed(['hello'], 'query', never)).toHaveLength(1);
      const left = (await readdir(modelsDir, { recursive: true })).filter((name) => name.endsWith('.part'));
      expect(left).toEqual([]);
    } finally {
      server.close();
    }
  });
});

describe('a missing local model', () => {
  it('is reported, and is not downloaded unless that is allowed', async () => {
    const refused = createLocalEmbedding({
      ...options,
      modelsDir: '/nonexistent',
      fetch: () => Promise.reject(new Error('fetched')),
    });
    await expect(refused).rejects.toMatchObject({ name: 'EmbeddingError', kind: 'not-installed' });
  });

  it('cannot be named by a path outside the models folder', async () => {
    for (const modelName of ['../secrets', 'a/../../b', '/etc/passwd', 'a/b/c', '']) {
      await expect(createLocalEmbedding({ ...options, modelName })).rejects.toBeInstanceOf(EmbeddingError);
    }
  });

  it('reports why its download failed', async () => {
    const modelsDir = await mkdtemp(join(tmpdir(), 'models-'));
    const open = (fetch: LocalEmbeddingOptions['fetch']): Promise<EmbeddingModel> =>
      createLocalEmbedding({ ...options, modelsDir, modelName: 'a/b', downloadAllowed: true, fetch });
    await expect(open(() => Promise.reject(new Error('offline')))).rejects.toMatchObject({
      kind: 'unreachable',
    });
    await expect(open(() => Promise.resolve(new Response('', { status: 404 })))).rejects.toMatchObject({
      kind: 'not-installed',
    });
  });
});

/** Number of child processes of this one that hold the model. */
async function childProcesses(): Promise<number> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8').catch(() => '');
  const lines = await Promise.all(
    children
      .trim()
      .split(' ')
      .filter(Boolean)
      .map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')),
  );
  return lines.filter((line) => line.includes('embed/local/worker')).length;
}
