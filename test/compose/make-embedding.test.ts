import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeEmbedding } from '../../src/compose/make-embedding.js';
import { loadSettings } from '../../src/config/index.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { silentLogger } from '../fakes/silent-logger.js';

const deps = { clock: systemClock, fetch: globalThis.fetch, logger: silentLogger };

describe("the service's embedding model", () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sapa-models-'));
    for (const name of ['Acme/english', 'Acme/multilingual-small']) {
      await mkdir(join(folder, name, 'onnx'), { recursive: true });
      await writeFile(join(folder, name, 'config.json'), '{"hidden_size": 8}');
      await writeFile(join(folder, name, 'onnx/model_quantized.onnx'), 'never opened here');
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function chosen(variables: Record<string, string>): Promise<string | undefined> {
    const settings = loadSettings(variables, join(folder, 'no-env-file'));
    const embedding = await makeEmbedding(settings, deps);
    await embedding?.model.close();
    return embedding?.model.id;
  }

  it('is local if available, multilingual first, then that of a provider key, then the built-in one', async () => {
    const MODELS_DIR = folder;
    const none = { MODELS_DIR: join(folder, 'empty') };
    const OPENAI_API_KEY = 'sk-test-key-of-sixteen';
    expect(await chosen({ MODELS_DIR, OPENAI_API_KEY })).toMatch(/^local:Acme\/multilingual-small:/);
    expect(await chosen({ MODELS_DIR, EMBEDDING_MODEL_NAME: 'Acme/english' })).toMatch(
      /^local:Acme\/english:/,
    );
    expect(await chosen({ ...none, OPENAI_API_KEY })).toMatch(/^openai:text-embedding-3-small:/);
    expect(await chosen({ ...none, GEMINI_API_KEY: 'gemini-key-of-sixteen' })).toMatch(/^gemini:/);
    expect(await chosen(none)).toMatch(/^builtin:/);
  });

  it('is the configured one, or none', async () => {
    const MODELS_DIR = folder;
    expect(await chosen({ MODELS_DIR, EMBEDDING_PROVIDER: 'builtin' })).toMatch(/^builtin:/);
    expect(await chosen({ MODELS_DIR, EMBEDDING_PROVIDER: 'none' })).toBeUndefined();
    await expect(chosen({ MODELS_DIR, EMBEDDING_PROVIDER: 'local' })).rejects.toThrow(/is not in/);
  });
});
