import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadApp } from '../../src/compose/load-app.js';
import { startHttp } from '../../src/compose/start-http.js';
import { loadSettings } from '../../src/config/index.js';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import { openAiDialect, TEST_KEY } from '../fakes/llm/dialects.js';
import { startScriptedServer, type ScriptedServer } from '../fakes/llm/scripted-server.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { notesFeature } from '../fixtures/notes-feature/index.js';

describe('a feature made of its own files and one line', () => {
  let dataDir: string;
  let model: ScriptedServer;
  let app: Awaited<ReturnType<typeof loadApp>>;
  let server: Awaited<ReturnType<typeof startHttp>>;
  let key: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sapa-feature-'));
    model = await startScriptedServer();
    const settings = loadSettings(
      {
        DATA_DIR: dataDir,
        PORT: '0',
        SEED_DEMO: 'false',
        EMBEDDING_PROVIDER: 'none',
        OPENAI_API_KEY: TEST_KEY,
        OPENAI_BASE_URL: `${model.url}/v1`,
        LLM_CHAIN: 'openai:gpt-test,extractive',
      },
      'no such file',
    );
    app = await loadApp(settings, silentLogger, [notesFeature]);
    await app.service.putTenant('shop', tenantSettingsSchema.parse({ name: 'Shop' }));
    ({ key } = await app.service.createKey('shop', 'test'));
    app.worker.start({ sweeps: false });
    await app.queue.start(app.jobs);
    server = await startHttp(app);
  }, 60_000);
  afterAll(async () => {
    await server.close(100);
    await Promise.all([app.worker.stop(1000), app.queue.stop(1000)]);
    await app.close();
    await model.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Record<string, unknown>;
  }
  const say = (content: string) =>
    call('POST', '/v1/chat', { user_id: 'ana', locale: 'id', messages: [{ role: 'user', content }] });

  it('has a command with its own texts, a record that a job processes, and a route that shows it', async () => {
    expect(await say('/jot')).toMatchObject({ answer: 'Dicatat, catatan ke-1.', source: 'command' });
    const expected = { items: [{ text: expect.any(String) as string, words: 4 }] };
    await vi.waitFor(async () => expect(await call('GET', '/v1/notes')).toMatchObject(expected), {
      timeout: 10_000,
    });
    expect(await say('/help')).toMatchObject({ answer: expect.stringContaining('Catat sesuatu') as string });
  });

  it('has a tool that the model can use', async () => {
    const call = openAiDialect.toolCall('{}').map((chunk) => chunk.replace('find_order', 'read_notes'));
    model.play(
      { chunks: call, ending: 'end' },
      { chunks: openAiDialect.text('You had one note.'), ending: 'end' },
    );
    await say('which notes did I have written down so far?');
    const [firstRequest, answered] = model.requests.map(({ body }) => JSON.stringify(body));
    expect(firstRequest).toContain('What this person had written down.');
    expect(answered).toContain('said in');
  });

  it('appears in the API description', async () => {
    const { paths } = (await call('GET', '/openapi.json')) as { paths: Record<string, unknown> };
    expect(Object.keys(paths)).toContain('/v1/notes');
  });
});
