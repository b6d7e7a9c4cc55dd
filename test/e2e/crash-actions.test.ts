import { cp } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ACTION_CRASH_POINTS } from '../../src/tools/index.js';
import { TEST_KEY } from '../fakes/llm/dialects.js';
import { startScriptedServer, type ScriptedServer } from '../fakes/llm/scripted-server.js';
import { eventually } from '../support/wait.js';
import { ask, calls } from '../tools/support/open-house.js';
import { startShopService, type ShopService } from '../tools/support/shop-service.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type SapaClient } from './support/http-client.js';
import { removeDataDir, startSapa, temporaryDataDir, type RunningSapa } from './support/start-sapa.js';

bePatient();

let shop: ShopService;
let prepared: string;
let key: string;
const running: RunningSapa[] = [];
const models: ScriptedServer[] = [];
const folders: string[] = [];

const start = async (dataDir: string, model?: ScriptedServer, point?: string): Promise<RunningSapa> => {
  const sapa = await startSapa({
    dataDir,
    env: {
      SEED_DEMO: 'false',
      OPENAI_API_KEY: TEST_KEY,
      OPENAI_BASE_URL: `${model?.url ?? shop.url}/v1`,
      LLM_CHAIN: 'openai:gpt-test',
      OUTBOUND_ALLOW: '127.0.0.1',
      ...(point === undefined ? {} : { SAPA_CRASH_AT: point }),
    },
  });
  running.push(sapa);
  return sapa;
};
const client = ({ url }: RunningSapa): SapaClient => sapaClient({ url, key });

beforeAll(async () => {
  [shop, prepared] = await Promise.all([startShopService(), temporaryDataDir()]);
  folders.push(prepared);
  const sapa = await start(prepared);
  const admin = sapaClient({ url: sapa.url, key: sapa.adminKey });
  const json = { name: 'harbour', api_key: '' };
  key = String((await admin.call('PUT', '/v1/tenants/harbour/settings', { json })).body['api_key']);
  const tool = {
    name: 'book_boat',
    description: 'Books a boat.',
    method: 'POST',
    url: `${shop.url}/boats`,
    input_schema: { type: 'object', properties: { day: { type: 'string' } } },
  };
  await client(sapa).call('POST', '/v1/tools/http', { json: tool });
  await sapa.stop();
}, 120_000);
afterAll(async () => {
  await Promise.all(running.map((sapa) => sapa.stop().catch(() => undefined)));
  await Promise.all([...folders.map(removeDataDir), ...models.map((model) => model.close()), shop.close()]);
});

it.concurrent.each(ACTION_CRASH_POINTS)(
  'a confirmed action happens at most once across a kill at %s, and the person is told the outcome',
  { timeout: 180_000 },
  async (point) => {
    const [model, dataDir] = await Promise.all([startScriptedServer(), temporaryDataDir()]);
    models.push(model);
    folders.push(dataDir);
    await cp(prepared, dataDir, { recursive: true });
    const sapa = await start(dataDir, model, point);
    const doomed = client(sapa);
    model.play(calls('book_boat', { day: point }));
    const { pending_confirmation: pending, conversation_id: conversation } = await ask(
      doomed,
      `person-${point}`,
      'A boat, please',
    );
    const id = pending?.id ?? '';
    void doomed.call('POST', `/v1/actions/${id}/confirm`).catch(() => undefined);
    expect(await sapa.exited(), 'the point is on the way').toBe(null);

    const after = client(await start(dataDir, model));
    const booked = () => shop.calls.filter(({ body }) => body.includes(point)).length;
    const action = await eventually(
      async () => (await after.call('GET', `/v1/actions/${id}`)).body,
      ({ status }) => status === 'done' || status === 'failed',
      90_000,
    );
    const path = `/v1/conversations/${conversation}/messages`;
    const transcript = await eventually(
      async () => (await after.call('GET', path)).text,
      (text) => /Done:|do not know whether/.test(text),
      30_000,
    );
    if (action['status'] === 'done') {
      expect(booked()).toBe(1);
      expect(transcript.split('Done:')).toHaveLength(2);
      expect(transcript).not.toContain('do not know whether');
    } else {
      expect(action['error']).toMatchObject({ code: 'unknown' });
      expect(booked()).toBeLessThanOrEqual(1);
      expect(transcript.split('do not know whether')).toHaveLength(2);
      expect(transcript).not.toContain('Done:');
    }
    // The outcome is only in doubt between the start of the action and the recording of its result.
    if (point !== 'action-begun' && point !== 'action-ran') expect(action['status']).toBe('done');
  },
);
