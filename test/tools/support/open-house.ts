import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadApp } from '../../../src/compose/load-app.js';
import { startHttp } from '../../../src/compose/start-http.js';
import { loadSettings } from '../../../src/config/index.js';
import { tenantSettingsSchema } from '../../../src/contracts/settings.js';
import { answerSchema, sapaClient, type ChatAnswer, type SapaClient } from '../../e2e/support/http-client.js';
import { openAiDialect, TEST_KEY } from '../../fakes/llm/dialects.js';
import { startScriptedServer, type Script, type ScriptedServer } from '../../fakes/llm/scripted-server.js';
import { silentLogger } from '../../fakes/silent-logger.js';

export interface House {
  readonly app: Awaited<ReturnType<typeof loadApp>>;
  readonly url: string;
  readonly model: ScriptedServer;
  readonly dataDir: string;
  /** Creates a business; resolves with its client. */
  business(id: string): Promise<SapaClient & { readonly key: string }>;
  close(): Promise<void>;
}

/** The whole service in this process, with a scripted model. */
export async function openHouse(env: Readonly<Record<string, string>> = {}): Promise<House> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sapa-tools-'));
  const model = await startScriptedServer();
  const settings = loadSettings(
    {
      DATA_DIR: dataDir,
      PORT: '0',
      SEED_DEMO: 'false',
      EMBEDDING_PROVIDER: 'none',
      OPENAI_API_KEY: TEST_KEY,
      OPENAI_BASE_URL: `${model.url}/v1`,
      LLM_CHAIN: 'openai:gpt-test',
      ...env,
    },
    'no such file',
  );
  const app = await loadApp(settings, silentLogger, []);
  app.worker.start({ sweeps: false });
  await app.queue.start(app.jobs);
  const server = await startHttp(app);
  return {
    app,
    url: server.url,
    model,
    dataDir,
    async business(id) {
      await app.service.putTenant(id, tenantSettingsSchema.parse({ name: id }));
      const { key } = await app.service.createKey(id, 'test');
      return { ...sapaClient({ url: server.url, key }), key };
    },
    async close() {
      await server.close(100);
      await Promise.all([app.worker.stop(1000), app.queue.stop(1000)]);
      await app.close();
      await model.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A script in which the model calls a tool. */
export const calls = (name: string, input: object): Script => ({
  chunks: openAiDialect.toolCall(JSON.stringify(input), 'tool', name),
  ending: 'end',
});

/** A script in which the model answers. */
export const says = (text: string): Script => ({ chunks: openAiDialect.text(text), ending: 'end' });

export async function ask(client: SapaClient, user: string, text: string): Promise<ChatAnswer> {
  const json = { user_id: user, locale: 'en', messages: [{ role: 'user', content: text }] };
  const { status, body, text: raw } = await client.call('POST', '/v1/chat', { json });
  if (status !== 200) throw new Error(`chat: ${status} ${raw}`);
  return answerSchema.parse(body);
}
