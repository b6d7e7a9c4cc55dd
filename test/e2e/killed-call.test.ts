import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAiDialect, TEST_KEY } from '../fakes/llm/dialects.js';
import { startScriptedServer, type ScriptedServer } from '../fakes/llm/scripted-server.js';
import { eventually } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { answerSchema, sapaClient, type SapaClient } from './support/http-client.js';
import { openMovedClock, type MovedClock } from './support/moved-clock.js';
import { removeDataDir, startSapa, type RunningSapa, temporaryDataDir } from './support/start-sapa.js';

bePatient();

const MODEL = 'gpt-4.1-mini';
const MINUTE_MS = 60_000;

let clock: MovedClock;
let vendor: ScriptedServer;
let dataDir: string;
const started: RunningSapa[] = [];
beforeAll(async () => {
  [clock, vendor, dataDir] = await Promise.all([openMovedClock(), startScriptedServer(), temporaryDataDir()]);
});
afterAll(async () => {
  await Promise.all(started.map((sapa) => sapa.kill()));
  await Promise.all([removeDataDir(dataDir), clock.close(), vendor.close()]);
});

async function start(): Promise<{ readonly sapa: RunningSapa; readonly shop: SapaClient }> {
  const sapa = await startSapa({
    dataDir,
    env: {
      ...clock.env,
      SEED_DEMO: 'false',
      OPENAI_API_KEY: TEST_KEY,
      OPENAI_BASE_URL: `${vendor.url}/v1`,
      LLM_CHAIN: `openai:${MODEL},extractive`,
    },
  });
  started.push(sapa);
  return { sapa, shop: sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'harbour' }) };
}

function ask(shop: SapaClient) {
  return shop.call('POST', '/v1/chat', {
    json: { user_id: 'ana', messages: [{ role: 'user', content: 'Say something nice about harbours.' }] },
    headers: { 'Idempotency-Key': 'question-1' },
  });
}

async function usage(shop: SapaClient): Promise<readonly Record<string, unknown>[]> {
  const { body } = await shop.call('GET', '/v1/usage?group_by=model');
  return body['items'] as readonly Record<string, unknown>[];
}

it('a call whose process is killed midway is recorded in the ledger, marked as estimated', async () => {
  const doomed = await start();
  await doomed.shop.call('PUT', '/v1/tenants/harbour/settings', { json: { name: 'Harbour' } });
  await doomed.shop.call('PUT', '/v1/usage/budget', { json: { day_micros: 5_000_000 } });
  const beginning = openAiDialect.text('Harbours ', 'are').slice(0, 2);
  vendor.play({ chunks: beginning, ending: 'stall' });
  const lost = ask(doomed.shop).catch(() => undefined);
  await eventually(
    () => vendor.requests.length,
    (count) => count === 1,
  );
  await doomed.sapa.kill();
  await lost;

  vendor.play({ chunks: openAiDialect.text('Harbours are calm.'), ending: 'end' });
  const { sapa, shop } = await start();
  const again = await eventually(
    () => ask(shop),
    ({ status }) => status !== 409,
  );
  const answer = answerSchema.parse(again.body);
  expect(answer).toMatchObject({ answer: 'Harbours are calm.', source: 'model' });
  const [ended] = await usage(shop);
  expect(ended).toMatchObject({ turns: 1, calls: 1, failed_calls: 0, estimated_calls: 0 });

  // The call of the dead process may still be running as far as the living one knows.
  await clock.jump(11 * MINUTE_MS);
  const [both] = await usage(shop);
  expect(both).toMatchObject({
    key: `openai:${MODEL}`,
    turns: 1,
    calls: 2,
    failed_calls: 1,
    estimated_calls: 1,
    output_tokens: ended?.['output_tokens'],
  });
  const estimated = Number(both?.['input_tokens']) - Number(ended?.['input_tokens']);
  expect(estimated).toBeGreaterThan(50);
  expect(Number(both?.['cost_micros'])).toBeGreaterThan(Number(ended?.['cost_micros']));
  const { body } = await shop.call('GET', '/v1/usage/budget');
  expect(body['spent']).toMatchObject({ day_micros: both?.['cost_micros'] });
  expect(await usage(shop)).toEqual([both]);
  expect((await sapa.stop()).code).toBe(0);
});
