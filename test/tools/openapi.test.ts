import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { SapaClient } from '../e2e/support/http-client.js';
import { ask, calls, openHouse, says, type House } from './support/open-house.js';
import { startShopService, type ShopService } from './support/shop-service.js';

let house: House;
let shop: ShopService;
let harbour: SapaClient;
let people = 0;
const person = (): string => `person-${(people += 1)}`;

beforeAll(async () => {
  house = await openHouse({ OUTBOUND_ALLOW: '127.0.0.1' });
  shop = await startShopService();
  harbour = await house.business('harbour');
}, 60_000);
beforeEach(() => {
  shop.calls.length = 0;
  shop.answer = () => ({});
  house.model.requests.length = 0;
});
afterAll(async () => {
  await house.close();
  await shop.close();
});

const shopApi = (change: object = {}) => ({
  openapi: '3.0.3',
  info: { title: 'Shop', version: '1' },
  servers: [{ url: '{base}/v2', variables: { base: { default: shop.url } } }],
  paths: {
    '/orders/{orderId}/lines': {
      parameters: [{ $ref: '#/components/parameters/OrderId' }],
      get: {
        operationId: 'getOrderLines',
        summary: 'The lines of an order',
        parameters: [
          { name: 'filter[state]', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
          { name: 'X-Region', in: 'header', schema: { type: 'string', nullable: true } },
          { name: 'Authorization', in: 'header', required: true, schema: { type: 'string' } },
        ],
      },
      post: {
        operationId: 'addLine',
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Line' } } },
        },
      },
    },
    '/photos': {
      post: {
        operationId: 'uploadPhoto',
        requestBody: { required: true, content: { 'image/png': { schema: {} } } },
      },
    },
    '/calculate': { get: { operationId: 'calculate' } },
  },
  components: {
    parameters: { OrderId: { name: 'orderId', in: 'path', required: true, schema: { type: 'integer' } } },
    schemas: {
      Line: {
        allOf: [
          { $ref: '#/components/schemas/Named' },
          { properties: { parts: { type: 'array', items: { $ref: '#/components/schemas/Line' } } } },
        ],
      },
      Named: {
        type: 'object',
        required: ['sku'],
        properties: {
          sku: { type: 'string', pattern: '^(a+)+$' },
          count: { type: 'integer', minimum: 0, exclusiveMinimum: true },
        },
      },
    },
  },
  ...change,
});

const add = (json: object) => harbour.call('POST', '/v1/tools/openapi', { json });

it('an OpenAPI document becomes one tool per operation, from YAML at an address', async () => {
  shop.answer = ({ path }) => (path === '/openapi.yaml' ? { body: stringify(shopApi()) } : {});
  const { status, body, text } = await add({
    url: `${shop.url}/openapi.yaml`,
    headers: { Authorization: 'Bearer tok' },
    confirmation: 'staff',
  });
  expect(status, text).toBe(201);
  expect(body).toMatchObject({
    items: [
      { name: 'add_line', effect: 'write', confirmation: 'staff' },
      { name: 'calculate_2', effect: 'read' },
      {
        name: 'get_order_lines',
        description: 'The lines of an order',
        effect: 'read',
        confirmation: 'never',
      },
    ],
    skipped: [{ operation: 'uploadPhoto', reason: 'its body is not JSON' }],
  });
  expect(text).not.toContain('$ref');
  expect(text).not.toContain('(a+)+');
});

it('a call puts every argument in its place', async () => {
  shop.answer = () => ({ body: { lines: ['three teapots'] } });
  const input = { orderId: 7, filter_state_: ['open', 'new & old'], 'X-Region': 'west' };
  house.model.play(calls('get_order_lines', input), says('Three teapots.'));
  await ask(harbour, person(), 'What did I order with number 7?');
  const [call] = shop.calls;
  expect(call?.path).toBe('/v2/orders/7/lines?filter%5Bstate%5D=open&filter%5Bstate%5D=new+%26+old');
  expect(call?.headers).toMatchObject({ 'x-region': 'west', authorization: 'Bearer tok' });
  expect(JSON.stringify(house.model.requests[1]?.body)).toContain('three teapots');
});

it('a request body is validated against its schema, even a recursive one', async () => {
  const line = { sku: 'tea', count: 2, parts: [{ sku: 'lid' }] };
  house.model.play(
    calls('add_line', { orderId: 7, body: { count: 0 } }),
    calls('add_line', { orderId: 7, body: line }),
  );
  const { pending_confirmation: pending } = await ask(harbour, person(), 'Add two teas to order 7');
  expect(JSON.stringify(house.model.requests[1]?.body)).toContain('invalid-input');
  const done = await harbour.call('POST', `/v1/actions/${pending?.id ?? ''}/confirm`);
  expect(done.body).toMatchObject({ status: 'done' });
  expect(JSON.parse(shop.calls[0]?.body ?? '')).toEqual(line);
});

it('only the requested operations are added, and unknown ones are reported', async () => {
  const { body } = await add({ spec: shopApi(), operations: ['GET /calculate', 'nothing'] });
  expect(body).toMatchObject({
    items: [{ name: 'calculate_2' }],
    skipped: [{ operation: 'nothing', reason: 'is not in the document' }],
  });
});

it.each([
  ['another OpenAPI version', { spec: { swagger: '2.0', paths: {} } }, 'openapi_unusable', 422],
  ['text that is neither JSON nor YAML', { spec: 'a: [b' }, 'openapi_unusable', 422],
  ['a YAML alias bomb', { spec: bomb() }, 'openapi_unusable', 422],
  ['an external reference', { spec: withRef('http://bank.example/x.json') }, 'openapi_unusable', 422],
  ['no server', { spec: { openapi: '3.1.0', paths: { '/a': { get: {} } } } }, 'openapi_unusable', 422],
  [
    'a private server address',
    { spec: { ...withRef(''), servers: [{ url: 'http://10.0.0.1' }] } },
    'url_not_allowed',
    422,
  ],
  ['a private document address', { url: 'http://10.0.0.1/a.json' }, 'url_not_allowed', 422],
  ['neither a document nor an address', {}, 'invalid_request', 400],
])('a request with %s is refused', async (_what, json, code, status) => {
  const answer = await add(json);
  expect([answer.status, answer.body['code']], answer.text).toEqual([status, code]);
});

function withRef(ref: string): object {
  const parameters = ref === '' ? [] : [{ $ref: ref }];
  return {
    openapi: '3.1.0',
    servers: [{ url: 'https://93.184.215.14' }],
    paths: { '/a': { get: { parameters } } },
  };
}

function bomb(): string {
  const lines = Array.from(
    { length: 12 },
    (_, n) =>
      `a${n}: &a${n} [${Array(9)
        .fill(n === 0 ? 'x' : `*a${n - 1}`)
        .join()}]`,
  );
  return `openapi: 3.1.0\npaths: {}\n${lines.join('\n')}\n`;
}
