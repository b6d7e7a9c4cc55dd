import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/wait.js';
import { openAiDialect, TEST_KEY } from '../fakes/llm/dialects.js';
import { startScriptedServer, type ScriptedServer } from '../fakes/llm/scripted-server.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type SapaClient } from './support/http-client.js';
import { prepareBusiness, type PreparedBusiness } from './support/prepared-business.js';
import { startSapa, type RunningSapa } from './support/start-sapa.js';

bePatient();

const STALLED = {
  chunks: openAiDialect.text('Waves come ', 'and go. ').slice(0, -2),
  ending: 'stall',
} as const;
/** Ends an answer that was stopped, after what was written by then. */
const STOPPED = /You stopped this answer here\._?$/;

describe('an answer that is stopped through another process', () => {
  let business: PreparedBusiness;
  let model: ScriptedServer;
  let whole: RunningSapa;
  let apiOnly: RunningSapa;
  beforeAll(async () => {
    [business, model] = await Promise.all([prepareBusiness(), startScriptedServer()]);
    const dataDir = await business.copy();
    const env = {
      OPENAI_API_KEY: TEST_KEY,
      OPENAI_BASE_URL: `${model.url}/v1`,
      LLM_CHAIN: 'openai:gpt-test',
    };
    whole = await startSapa({ dataDir, env });
    apiOnly = await startSapa({ dataDir, env: { ...env, ROLES: 'api' } });
  }, 120_000);
  afterAll(async () => {
    await apiOnly.stop();
    await whole.stop();
    await Promise.all([business.close(), model.close()]);
  });

  it('ends within moments for an API client with a key', async () => {
    const [one, two] = [clientOf(whole), clientOf(apiOnly)];
    for (const [asked, told, key] of [
      [one, two, 'asked-where-it-is-written'],
      [two, two, 'asked-where-nothing-is-written'],
      [two, one, 'stopped-where-it-is-written'],
    ] as const) {
      const { answer, closed } = await beginning(
        (headers) => asked.chat('tell me about the sea', {}, headers),
        key,
      );
      expect(await stop(told, '/v1/chat/stop', key)).toBe(true);
      await closed;
      expect((await answer).answer, key).toMatch(STOPPED);
      expect(await stop(told, '/v1/chat/stop', key), 'it is over').toBe(false);
    }
    expect(await stop(two, '/v1/chat/stop', 'never asked')).toBe(false);
  });

  it('ends only for the visitor who stopped it', async () => {
    const [ann, ben] = [await visitor(), await visitor()];
    const [one, two] = [clientOf(whole), clientOf(apiOnly)];
    const { answer, closed } = await beginning(
      (headers) =>
        one.call('POST', '/v1/web/chat', {
          json: { messages: [{ role: 'user', content: 'tell me about the sea' }] },
          headers: { ...headers, ...ann },
        }),
      'visit',
    );
    expect(await stop(two, '/v1/web/chat/stop', 'visit', ben)).toBe(false);
    expect(await stop(two, '/v1/chat/stop', 'visit')).toBe(false);
    expect(await stop(two, '/v1/web/chat/stop', 'visit', ann)).toBe(true);
    await closed;
    expect((await answer).body['answer']).toMatch(STOPPED);
  });

  const clientOf = ({ url, adminKey }: RunningSapa): SapaClient =>
    sapaClient({ url, key: adminKey, tenantId: 'demo' });

  /** Asks, and resolves once the model has received the request. */
  async function beginning<Result>(
    ask: (headers: Readonly<Record<string, string>>) => Promise<Result>,
    key: string,
  ): Promise<{ readonly answer: Promise<Result>; readonly closed: Promise<void> | undefined }> {
    model.play(STALLED);
    const before = model.requests.length;
    const answer = ask({ 'Idempotency-Key': key });
    answer.catch(() => undefined);
    await eventually(
      () => model.requests.length,
      (count) => count > before,
    );
    return { answer, closed: model.requests.at(-1)?.closedByClient };
  }

  async function stop(
    client: SapaClient,
    path: string,
    key: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const { status, body, text } = await client.call('POST', path, {
      json: { idempotency_key: key },
      headers,
    });
    expect(status, text).toBe(200);
    return body['stopped'];
  }

  async function visitor(): Promise<Readonly<Record<string, string>>> {
    const { body } = await clientOf(apiOnly).call('POST', '/v1/web/session', {
      json: { tenant: 'demo', locale: 'en' },
    });
    return { authorization: `Bearer ${String(body['token'])}` };
  }
});
