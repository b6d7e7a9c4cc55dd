import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAiDialect, TEST_KEY } from '../fakes/llm/dialects.js';
import type { Script, ScriptedServer } from '../fakes/llm/scripted-server.js';
import { startScriptedServer } from '../fakes/llm/scripted-server.js';
import { eventually } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import type { ChatAnswer, SapaClient } from './support/http-client.js';
import { answerSchema, sapaClient } from './support/http-client.js';
import { readEvents } from './support/read-events.js';
import { removeDataDir, startSapa, type RunningSapa } from './support/start-sapa.js';

bePatient();

let openai: ScriptedServer;
let sapa: RunningSapa;
let harbour: SapaClient;
let other: SapaClient;
let harbourKey: string;
let otherKey: string;
let people = 0;

const calls = (name: string, input: object): Script => ({
  chunks: openAiDialect.toolCall(JSON.stringify(input), 'tool', name),
  ending: 'end',
});
const says = (text: string): Script => ({ chunks: openAiDialect.text(text), ending: 'end' });

async function start(dataDir?: string): Promise<void> {
  sapa = await startSapa({
    ...(dataDir === undefined ? {} : { dataDir }),
    env: {
      SEED_DEMO: 'false',
      OPENAI_API_KEY: TEST_KEY,
      OPENAI_BASE_URL: `${openai.url}/v1`,
      LLM_CHAIN: 'openai:gpt-test',
    },
  });
}

function connect(): void {
  harbour = sapaClient({ url: sapa.url, key: harbourKey });
  other = sapaClient({ url: sapa.url, key: otherKey });
}

beforeAll(async () => {
  openai = await startScriptedServer();
  await start();
  const admin = sapaClient({ url: sapa.url, key: sapa.adminKey });
  const keyOf = async (id: string): Promise<string> => {
    const json = { name: id, api_key: '' };
    return String((await admin.call('PUT', `/v1/tenants/${id}/settings`, { json })).body['api_key']);
  };
  harbourKey = await keyOf('harbour');
  otherKey = await keyOf('other');
  connect();
});
afterAll(async () => {
  await sapa.stop();
  await removeDataDir(sapa.dataDir);
  await openai.close();
});

const person = (): string => `person-${(people += 1)}`;

async function ask(user: string, text: string): Promise<ChatAnswer> {
  const json = { user_id: user, locale: 'en', messages: [{ role: 'user', content: text }] };
  const { status, body, text: raw } = await harbour.call('POST', '/v1/chat', { json });
  expect(status, raw).toBe(200);
  return answerSchema.parse(body);
}

/** Asks for a reminder; the model schedules a follow-up, which needs confirmation. */
async function asked(user: string, message = 'The boat leaves.') {
  openai.play(calls('schedule_follow_up', { message, in: '3 days' }));
  const answer = await ask(user, 'Remind me of the boat in three days');
  const pending = answer.pending_confirmation;
  if (pending === undefined) throw new Error(`nothing was asked: ${answer.answer}`);
  return { answer, ...pending };
}

const decide = (id: string, decision: string) =>
  harbour.call('POST', `/v1/chat/confirmations/${id}`, { json: { decision } });
const actionOf = async (id: string) => (await harbour.call('GET', `/v1/actions/${id}`)).body;

async function reminders(message: string): Promise<number> {
  const { body } = await harbour.call('GET', '/v1/followup?limit=200');
  return (body['items'] as { message: string }[]).filter((item) => item.message === message).length;
}

it('an action is confirmed in words that are not the model’s, and nothing happens before', async () => {
  const { answer, id } = await asked(person(), 'Ahoy one.');
  expect(answer).toMatchObject({
    source: 'tool',
    pending_confirmation: {
      tool: 'schedule_follow_up',
      arguments: { message: 'Ahoy one.', in: '3 days' },
    },
  });
  expect(answer.answer).toContain('Ahoy one.');
  expect(await actionOf(id)).toMatchObject({ status: 'waiting', confirmation: 'person' });
  expect(await reminders('Ahoy one.')).toBe(0);
});

it('a confirmed action happens once, however often it is confirmed, and the person is told', async () => {
  const { answer, id } = await asked(person(), 'Ahoy two.');
  const [first, second] = await Promise.all([decide(id, 'confirm'), decide(id, 'confirm')]);
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(first.body).toMatchObject({ status: 'done', decided_by: 'api' });
  expect((await decide(id, 'confirm')).body).toMatchObject({ status: 'done' });
  const contrary = await decide(id, 'cancel');
  expect([contrary.status, contrary.body['code']]).toEqual([409, 'action_decided']);
  expect(await reminders('Ahoy two.')).toBe(1);
  const path = `/v1/conversations/${answer.conversation_id}/messages`;
  const transcript = await eventually(
    async () => (await harbour.call('GET', path)).text,
    (text) => text.includes('Done:'),
  );
  expect(transcript.split('Done:')).toHaveLength(2);
});

it('a cancelled action never happens', async () => {
  const user = person();
  const { id } = await asked(user, 'Ahoy three.');
  expect((await ask(user, `/cancel ${id}`)).answer).toContain("I won't do it");
  expect(await actionOf(id)).toMatchObject({ status: 'cancelled' });
  expect((await decide(id, 'cancel')).status).toBe(200);
  expect((await decide(id, 'confirm')).status).toBe(409);
  expect((await ask(user, `/confirm ${id}`)).answer).toContain('cancelled before');
  expect(await reminders('Ahoy three.')).toBe(0);
});

it.each(['ya', 'Yes, please', 'oke kak', 'go ahead!'])(
  'a typed “%s” right after the question confirms it',
  async (word) => {
    const user = person();
    const message = `Ahoy, ${word}.`;
    const { id } = await asked(user, message);
    const before = openai.requests.length;
    expect((await ask(user, word)).answer).toContain('on it');
    expect(openai.requests.length, 'no model is asked').toBe(before);
    await eventually(
      () => actionOf(id),
      ({ status }) => status === 'done',
    );
    expect(await reminders(message)).toBe(1);
  },
);

it('a typed no cancels it, and anything else decides nothing', async () => {
  const user = person();
  const { id } = await asked(user, 'Ahoy no.');
  expect((await ask(user, 'eh ga jadi')).answer).toContain('tidak jadi saya lakukan');
  expect(await actionOf(id)).toMatchObject({ status: 'cancelled' });

  const doubtful = person();
  const waiting = await asked(doubtful, 'Ahoy maybe.');
  openai.play(says('On Tuesday.'));
  await ask(doubtful, 'yes but when does it leave?');
  // The question was not the last thing said any more.
  openai.play(says('Fine.'));
  await ask(doubtful, 'yes');
  expect(await actionOf(waiting.id)).toMatchObject({ status: 'waiting' });
  expect(await reminders('Ahoy maybe.')).toBe(0);
});

it('an action is decided only by the person asked, and by no other business', async () => {
  const user = person();
  const { id } = await asked(user, 'Ahoy four.');
  expect((await ask(person(), `/confirm ${id}`)).answer).toContain('nothing here for you');
  for (const path of [`/v1/actions/${id}/confirm`, `/v1/actions/${id}/cancel`]) {
    expect((await other.call('POST', path)).status).toBe(404);
  }
  expect((await other.call('GET', `/v1/actions/${id}`)).status).toBe(404);
  const foreign = { json: { decision: 'confirm' } };
  expect((await other.call('POST', `/v1/chat/confirmations/${id}`, foreign)).status).toBe(404);
  expect(await actionOf(id)).toMatchObject({ status: 'waiting' });
  expect((await ask(user, `/confirm ${id}`)).answer).toContain('on it');
  await eventually(
    () => actionOf(id),
    ({ status }) => status === 'done',
  );
  expect(await reminders('Ahoy four.')).toBe(1);
});

it('an action waits for staff if the business asks for that, whatever the person says', async () => {
  const set = (confirmation: string) =>
    harbour.call('PUT', '/v1/tools/schedule_follow_up', { json: { confirmation } });
  expect((await set('staff')).body).toMatchObject({ confirmation: 'staff' });
  const user = person();
  const { id } = await asked(user, 'Ahoy five.');
  await set('person');
  openai.play(says('The team decides that.'));
  expect((await ask(user, 'yes')).answer).toBe('The team decides that.');
  expect((await ask(user, `/confirm ${id}`)).answer).toContain('nothing here for you');
  expect((await decide(id, 'confirm')).status).toBe(403);
  const agreed = await harbour.call('POST', `/v1/actions/${id}/confirm`);
  expect(agreed.body).toMatchObject({ status: 'done' });
  expect(await reminders('Ahoy five.')).toBe(1);
});

it('an action is announced as an event before the answer is done', async () => {
  openai.play(calls('update_contact', { name: 'Ani' }));
  const response = await fetch(`${sapa.url}/v1/chat`, {
    method: 'POST',
    headers: {
      'X-API-Key': harbourKey,
      'Content-Type': 'application/json',
      Accept: 'text/event-stream',
    },
    body: JSON.stringify({
      user_id: person(),
      messages: [{ role: 'user', content: 'Which name do you have for me? Please store the right one.' }],
    }),
  });
  const names = (await readEvents(response)).map(({ event }) => event);
  expect(names.slice(-2)).toEqual(['confirmation', 'done']);
});

it('staff actions are neither offered to customers nor run for them', async () => {
  openai.requests.length = 0;
  openai.play(calls('find_contact', { query: 'person' }), says('I cannot look that up.'));
  const answer = await ask(person(), 'Who else writes to you?');
  expect(answer.pending_confirmation).toBeUndefined();
  expect(JSON.stringify(openai.requests[0]?.body)).not.toContain('find_contact');
  const second = JSON.stringify(openai.requests[1]?.body);
  expect(second).toContain('There is no tool named find_contact');
});

it('a tool that the business disabled is not offered, while its own tools stay', async () => {
  const off = await harbour.call('PUT', '/v1/tools/calculate', { json: { enabled: false } });
  expect(off.body).toMatchObject({
    name: 'calculate',
    enabled: false,
    effect: 'read',
    confirmation: 'never',
  });
  openai.requests.length = 0;
  openai.play(says('Hello.'));
  await ask(person(), 'How much is seven times eight hundred?');
  const prompt = JSON.stringify(openai.requests[0]?.body);
  expect(prompt).toContain('convert_units');
  expect(prompt).not.toContain('"calculate"');
  expect((await harbour.call('DELETE', '/v1/tools/calculate')).status).toBe(409);
  expect((await harbour.call('DELETE', '/v1/tools/nothing')).status).toBe(404);
  const theirs = await other.call('GET', '/v1/tools');
  const tool = (theirs.body['items'] as { name: string }[]).find(({ name }) => name === 'calculate');
  expect(tool).toMatchObject({ enabled: true });
});

it('an action happens at most once if the process is killed after the decision, and the outcome is reported', async () => {
  const waiting = await asked(person(), 'Ahoy six.');
  const killed = await asked(person(), 'Ahoy seven.');
  void decide(killed.id, 'confirm').catch(() => undefined);
  await eventually(
    () => actionOf(killed.id),
    ({ status }) => status !== 'waiting',
  );
  await sapa.kill();
  await start(sapa.dataDir);
  connect();
  const ended = await eventually(
    () => actionOf(killed.id),
    ({ status }) => status === 'done' || status === 'failed',
    60_000,
  );
  const count = await reminders('Ahoy seven.');
  if (ended['status'] === 'done') expect(count).toBe(1);
  else {
    expect(ended['error']).toMatchObject({ code: 'unknown' });
    expect(count).toBeLessThanOrEqual(1);
  }
  expect(await actionOf(waiting.id)).toMatchObject({ status: 'waiting' });
  expect((await decide(waiting.id, 'confirm')).body).toMatchObject({ status: 'done' });
  const listed = await harbour.call('GET', '/v1/actions?status=waiting');
  expect(JSON.stringify(listed.body)).not.toContain(waiting.id);
}, 120_000);
