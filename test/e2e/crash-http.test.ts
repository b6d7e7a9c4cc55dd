import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { CrashPoint } from '../../src/delivery/index.js';
import { answerSchema, sapaClient, type Answer, type SapaClient } from './support/http-client.js';
import { prepareBusiness, type PreparedBusiness } from './support/prepared-business.js';
import { startSapa, type RunningSapa } from './support/start-sapa.js';
import { eventually } from '../support/wait.js';

/**
 * A waiting caller is answered as soon as the turn is committed, so the crash points of sending are never
 * reached.
 */
const ON_THE_WAY: readonly CrashPoint[] = [
  'before-inbox',
  'after-inbox',
  'after-claim',
  'before-turn',
  'in-model',
  'before-commit',
  'after-commit',
  'before-release',
];
const QUESTION = 'What are your opening hours?';
const messagesSchema = z.object({ items: z.array(z.looseObject({ role: z.string(), text: z.string() })) });

let business: PreparedBusiness;
beforeAll(async () => {
  business = await prepareBusiness();
}, 120_000);
afterAll(() => business.close());

function ask(client: SapaClient): Promise<Answer> {
  return client.call('POST', '/v1/chat', {
    json: { user_id: 'customer-1', messages: [{ role: 'user', content: QUESTION }] },
    headers: { 'Idempotency-Key': 'order-1' },
  });
}

function clientOf(sapa: RunningSapa): SapaClient {
  return sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' });
}

it.each(ON_THE_WAY)(
  'a client that repeats its request gets one answer after a kill at %s',
  { timeout: 120_000 },
  async (point) => {
    const dataDir = await business.copy();
    const doomed = await startSapa({ dataDir, env: { SAPA_CRASH_AT: point } });
    const lost = await ask(clientOf(doomed)).catch(() => undefined);
    expect(await doomed.exited()).toBe(null);

    const sapa = await startSapa({ dataDir });
    try {
      const client = clientOf(sapa);
      const again = await eventually(
        () => ask(client),
        ({ status }) => status !== 409,
      );
      expect(again.status, again.text).toBe(200);
      const answer = answerSchema.parse(again.body);
      expect(answer).toMatchObject({ source: 'faq' });
      if (lost?.status === 200) expect(lost.body).toEqual(again.body);
      expect((await ask(client)).body).toEqual(again.body);

      const history = await client.call('GET', `/v1/conversations/${answer.conversation_id}/messages`);
      const { items } = messagesSchema.parse(history.body);
      expect(items.map(({ role, text }) => [role, text])).toEqual([
        ['user', QUESTION],
        ['assistant', answer.answer],
      ]);
    } finally {
      await sapa.stop();
    }
  },
);
