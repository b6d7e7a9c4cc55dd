import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadApp } from '../../src/compose/load-app.js';
import { startHttp } from '../../src/compose/start-http.js';
import { loadSettings } from '../../src/config/index.js';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import { openAiDialect, TEST_KEY } from '../fakes/llm/dialects.js';
import { startScriptedServer, type ScriptedServer } from '../fakes/llm/scripted-server.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { startTestServer, type TestServer } from '../fakes/test-store.js';
import { commandNameOf } from '../support/command-name.js';
import { eventually } from '../support/wait.js';

/**
 * Background work that is independent of messages, and the check of the caller's key, which is repeated for
 * every request so that a revoked key is rejected at once.
 */
const NOT_OF_THE_TURN =
  /^(getMore|aggregate|ping|hello|endSessions|find meta|find agenda.*|find api_keys|find platform_waits|createIndexes model_usage)/;
const TURNS = 10;

let dataDir: string;
let store: TestServer;
let model: ScriptedServer;
let app: Awaited<ReturnType<typeof loadApp>>;
let server: Awaited<ReturnType<typeof startHttp>>;
let key: string;
const commands: string[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sapa-commands-'));
  [store, model] = await Promise.all([startTestServer(), startScriptedServer()]);
  const uri = `${store.uri}${store.uri.includes('?') ? '&' : '/?'}monitorCommands=true`;
  const variables = {
    DATA_DIR: dataDir,
    PORT: '0',
    MONGODB_URI: uri,
    SEED_DEMO: 'false',
    EMBEDDING_PROVIDER: 'none',
    OPENAI_API_KEY: TEST_KEY,
    OPENAI_BASE_URL: `${model.url}/v1`,
    LLM_CHAIN: 'openai:gpt-test,extractive',
  };
  const before = new Set(mongoose.connections);
  app = await loadApp(loadSettings(variables, 'no such file'), silentLogger);
  for (const connection of mongoose.connections.filter((each) => !before.has(each))) {
    connection.getClient().on('commandStarted', ({ commandName, command }) => {
      commands.push(commandNameOf(commandName, command));
    });
  }
  // Without summaries, which are written in the background of a long conversation, in one of five turns.
  const models = { helper: ['extractive'] };
  await app.service.putTenant('shop', tenantSettingsSchema.parse({ name: 'Shop', models }));
  ({ key } = await app.service.createKey('shop', 'test'));
  app.worker.start({ sweeps: false });
  server = await startHttp(app);
}, 60_000);
afterAll(async () => {
  await server.close(100);
  await app.worker.stop(1000);
  await app.service.removeTenant('shop');
  await app.close();
  await Promise.all([model.close(), store.close()]);
  await rm(dataDir, { recursive: true, force: true });
});

async function say(content: string): Promise<unknown> {
  model.play({ chunks: openAiDialect.text('It is a nice day.'), ending: 'end' });
  const response = await fetch(`${server.url}/v1/chat`, {
    method: 'POST',
    headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
    body: JSON.stringify({ user_id: 'ana', locale: 'en', messages: [{ role: 'user', content }] }),
  });
  const answer: unknown = await response.json();
  // The lane is released after the answer.
  await eventually(
    () => app.service.lanes.owners(),
    (owners) => owners.length === 0,
  );
  return answer;
}

it('a message from a known person is answered with at most six store commands', async () => {
  for (let n = 0; n < 3; n += 1)
    expect(await say('Tell me of the weather')).toMatchObject({ source: 'model' });
  commands.length = 0;
  for (let n = 0; n < TURNS; n += 1) await say(`Tell me more of it, part ${n}`);
  const ours = commands.filter((name) => !NOT_OF_THE_TURN.test(name) && !name.startsWith('find lanes'));
  const counts = Object.fromEntries(
    [...new Set(ours)].map((name) => [name, ours.filter((each) => each === name).length / TURNS]),
  );
  expect(ours.length / TURNS, JSON.stringify(counts)).toBeLessThanOrEqual(6);
  expect(counts).toMatchObject({
    'bulkWrite lanes and inbox': 1,
    'insert turns': 1,
    'bulkWrite inbox and lanes': 1,
  });
});
