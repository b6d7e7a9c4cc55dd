import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type Answer, type SapaClient } from './support/http-client.js';
import { removeDataDir, startSapa, type RunningSapa } from './support/start-sapa.js';

bePatient();

/** The parts of the API that deal with people and time. */
const TAGS = ['contacts', 'follow-ups', 'hooks', 'reports', 'calendar', 'conversations'];
const MARK = 'Zubaidah-of-one-business';
const HOSTILE = [
  '[x](https://jahat.example)',
  '=cmd|"/c calc"!A1',
  '\u202Egnp.txt\u202C \u200B\u2060',
  'x'.repeat(10_000),
  '$where',
  '__proto__',
  '{"$ne":null}',
  '\u0000\uD800',
];

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly queries: readonly string[];
  readonly example: unknown;
}

const operationSchema = z.looseObject({
  tags: z.array(z.string()).default([]),
  parameters: z
    .array(z.looseObject({ name: z.string().default(''), in: z.string().default('') }))
    .default([]),
  requestBody: z
    .looseObject({ content: z.record(z.string(), z.looseObject({ example: z.unknown().optional() })) })
    .optional(),
});

let sapa: RunningSapa;
let one: SapaClient;
let two: SapaClient;
let operations: readonly Operation[];

beforeAll(async () => {
  sapa = await startSapa({ env: { SEED_DEMO: 'false' } });
  [one, two] = await Promise.all([tenant('one'), tenant('two')]);
  operations = await readOperations();
});
afterAll(async () => {
  await sapa.stop();
  await removeDataDir(sapa.dataDir);
});

async function tenant(name: string): Promise<SapaClient> {
  const admin = sapaClient({ url: sapa.url, key: sapa.adminKey });
  const json = { name, api_key: '' };
  const { body } = await admin.call('PUT', `/v1/tenants/${name}/settings`, { json });
  return sapaClient({ url: sapa.url, key: String(body['api_key']) });
}

async function readOperations(): Promise<readonly Operation[]> {
  const { body } = await one.call('GET', '/openapi.json');
  const paths = z.record(z.string(), z.record(z.string(), z.unknown())).parse(body['paths']);
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, described]) => {
        const parsed = operationSchema.safeParse(described);
        if (!parsed.success || !parsed.data.tags.some((tag) => TAGS.includes(tag))) return [];
        const { parameters, requestBody } = parsed.data;
        const queries = parameters.flatMap(({ name, in: place }) => (place === 'query' ? [name] : []));
        const example = requestBody?.content['application/json']?.example;
        return [{ method: method.toUpperCase(), path, queries, example }];
      }),
    );
}

const encoded = (text: string): string => encodeURIComponent(Buffer.from(text).toString());
const at = (path: string, id: string): string => path.replace(/\{\w+\}/g, encoded(id));

/** The value with every string in it replaced. */
function replaced(value: unknown, text: string): unknown {
  if (typeof value === 'string') return text;
  if (Array.isArray(value)) return value.map((item) => replaced(item, text));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replaced(item, text)]));
}

function call(client: SapaClient, { method, path, example }: Operation, id: string): Promise<Answer> {
  return client.call(method, at(path, id), example === undefined ? {} : { json: example });
}

it('hostile text in any field, parameter, header or id is taken as text or refused', async () => {
  expect(operations.length).toBeGreaterThan(40);
  for (const operation of operations) {
    const { method, path, queries, example } = operation;
    await Promise.all(
      HOSTILE.map(async (text) => {
        const answers = [await one.call(method, at(path, text))];
        if (example !== undefined)
          answers.push(await one.call(method, at(path, 'id'), { json: replaced(example, text) }));
        for (const name of queries)
          answers.push(await one.call(method, `${at(path, 'id')}?${name}=${encoded(text)}`));
        for (const { status, text: body } of answers) {
          const what = `${method} ${path} ${text.slice(0, 40)}: ${status} ${body.slice(0, 200)}`;
          expect(status, what).toBeLessThan(500);
          expect(body, what).not.toMatch(/node_modules|^\s+at /m);
        }
      }),
    );
  }
  for (const name of ['Accept-Language', 'If-Match', 'Idempotency-Key', 'X-Tenant-Id']) {
    for (const value of ['$where', '__proto__', '"', 'x'.repeat(5_000)]) {
      const { status } = await one.call('GET', '/v1/followup', { headers: { [name]: value } });
      expect([name, status < 500]).toEqual([name, true]);
    }
  }
  expect((await one.call('GET', '/health')).status).toBe(200);
});

it('ids of another business are answered exactly like unknown ones, and nothing changes', async () => {
  const create = async (path: string, json: unknown, method = 'POST'): Promise<Record<string, unknown>> => {
    const { status, body, text } = await one.call(method, path, { json });
    expect(status, `${path} ${text}`).toBeLessThan(300);
    return body;
  };
  const contact = await create('/v1/contacts', { name: MARK, phone: '081234567899' });
  const note = await create(`/v1/contacts/${String(contact['id'])}/notes`, { text: MARK });
  const followUp = await create('/v1/followup/schedule', {
    user_id: 'ani',
    channel: 'api',
    message: MARK,
    in: '1 day',
  });
  const sequence = await create('/v1/sequences/mine', { steps: [{ after: 'P1D', message: MARK }] }, 'PUT');
  const hook = await create('/v1/hooks', { url: 'https://shop.example/x', events: ['followup.sent'] });
  const delivery = await create(`/v1/hooks/${String(hook['id'])}/test`, undefined);
  const { conversation_id: conversation } = followUp;
  const own = [contact, note, followUp, hook, delivery].map(({ id }) => String(id));
  const ids = [...own, String(conversation), String(sequence['name'])];
  const state = async (): Promise<string> => {
    const paths = ['/v1/contacts', '/v1/followup', '/v1/sequences', '/v1/hooks', '/v1/conversations'];
    return (await Promise.all(paths.map((path) => one.call('GET', path)))).map(({ text }) => text).join('\n');
  };
  const before = await state();
  for (const operation of operations) {
    const nobody = await call(two, operation, 'nobody_of_anybody');
    for (const id of ids) {
      const foreign = await call(two, operation, id);
      const what = `${operation.method} ${operation.path} ${id}: ${foreign.text.slice(0, 200)}`;
      expect(foreign.text, what).not.toContain(MARK);
      if (operation.path.includes('{') && !operation.path.includes('{name}'))
        expect([foreign.status, foreign.body['code']], what).toEqual([nobody.status, nobody.body['code']]);
    }
    for (const name of operation.queries) {
      const { text } = await two.call(
        operation.method,
        `${at(operation.path, ids[0] ?? '')}?${name}=${ids[0]}`,
      );
      expect(text).not.toContain(MARK);
    }
  }
  expect(await state()).toBe(before);
});
