import { Client, StreamableHTTPClientTransport, type CallToolResult } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sapaClient, type SapaClient } from '../e2e/support/http-client.js';
import { openHouse, type House } from './support/open-house.js';

let house: House;
let harbour: SapaClient & { readonly key: string };
let other: SapaClient & { readonly key: string };
const clients: Client[] = [];

beforeAll(async () => {
  house = await openHouse();
  harbour = await house.business('harbour');
  other = await house.business('other');
}, 60_000);
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await house.close();
});

async function connect(headers: Record<string, string>, mode: 'legacy' | 'auto' = 'legacy'): Promise<Client> {
  const client = new Client({ name: 'desk', version: '1' }, { versionNegotiation: { mode } });
  clients.push(client);
  const url = new URL(`${house.url}/v1/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  return client;
}

const textOf = ({ content: [first] }: CallToolResult): string => (first?.type === 'text' ? first.text : '');

it.each(['legacy', 'auto'] as const)(
  'the MCP server offers its tools to a client of the official SDK in %s mode',
  async (mode) => {
    const client = await connect({ Authorization: `Bearer ${harbour.key}` }, mode);
    const { tools } = await client.listTools();
    const calculate = tools.find(({ name }) => name === 'calculate');
    expect(calculate).toMatchObject({ annotations: { readOnlyHint: true }, inputSchema: { type: 'object' } });
    expect(tools.find(({ name }) => name === 'add_note')?.annotations?.readOnlyHint).toBe(false);
    const sum = await client.callTool({ name: 'calculate', arguments: { expression: '3 * 125000' } });
    expect(JSON.parse(textOf(sum))).toMatchObject({ value: 375_000 });
  },
);

it('a call that needs confirmation becomes a waiting action, run once when confirmed', async () => {
  const client = await connect({ 'X-API-Key': harbour.key });
  const input = { text: 'Likes the window seat.' };
  const pending = await client.callTool({ name: 'add_note', arguments: input, _meta: { user_id: 'siti' } });
  expect(textOf(pending)).toContain('Not done yet');
  const { id } = (pending.structuredContent as { pending_confirmation: { id: string } }).pending_confirmation;
  const { body: contacts } = await harbour.call('GET', '/v1/contacts?channel=web');
  const [siti] = contacts['items'] as { id: string; identities: { user_id: string }[] }[];
  expect(siti?.identities).toMatchObject([{ user_id: 'siti' }]);
  const notes = async (): Promise<string> =>
    (await harbour.call('GET', `/v1/contacts/${siti?.id ?? ''}/notes`)).text;
  expect(await notes()).not.toContain('window seat');
  expect((await other.call('POST', `/v1/actions/${id}/confirm`)).status).toBe(404);
  const done = await harbour.call('POST', `/v1/actions/${id}/confirm`);
  expect(done.body).toMatchObject({ status: 'done' });
  expect((await notes()).split('window seat')).toHaveLength(2);
});

it('a call allowed by the business runs at once, and one forbidden to the person is refused', async () => {
  const client = await connect({ 'X-API-Key': harbour.key });
  await harbour.call('PUT', '/v1/tools/add_note', { json: { confirmation: 'never' } });
  const result = await client.callTool({ name: 'add_note', arguments: { text: 'Came by.' } });
  expect([result.isError, result.structuredContent]).toEqual([false, undefined]);
  const wrong = await client.callTool({ name: 'calculate', arguments: { expression: 'x' } });
  expect(wrong.isError).toBe(true);
  const asSiti = { name: 'find_contact', arguments: { query: 'si' }, _meta: { user_id: 'siti' } };
  await expect(client.callTool(asSiti)).rejects.toThrow('no tool named find_contact');
  expect((await client.callTool({ ...asSiti, _meta: {} })).isError).toBe(false);
});

it('a key for MCP alone can request an action but not confirm it', async () => {
  const json = { name: 'desk', scopes: ['mcp:write'] };
  const created = await harbour.call('POST', '/v1/tenants/harbour/keys', { json });
  expect(created.status, created.text).toBe(201);
  const desk = sapaClient({ url: house.url, key: String(created.body['api_key']) });
  const client = await connect({ 'X-API-Key': String(created.body['api_key']) });
  const pending = await client.callTool({ name: 'save_lead', arguments: { interest: 'Boats' } });
  const { id } = (pending.structuredContent as { pending_confirmation: { id: string } }).pending_confirmation;
  const refused = await desk.call('POST', `/v1/actions/${id}/confirm`);
  expect([refused.status, refused.body['code']]).toEqual([403, 'missing_scope']);
});

it('the MCP server refuses callers without a key, and shows a business only its own tools', async () => {
  for (const headers of [{}, { Authorization: 'Bearer wrong' }, { 'X-API-Key': 'wrong' }]) {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const answer = await fetch(`${house.url}/v1/mcp`, { method: 'POST', headers, body });
    expect(answer.status).toBe(401);
  }
  expect((await harbour.call('GET', '/v1/mcp')).status).toBe(405);
  await harbour.call('PUT', '/v1/tools/calculate', { json: { enabled: false } });
  const [ours, theirs] = await Promise.all([
    connect({ 'X-API-Key': harbour.key }).then((client) => client.listTools()),
    connect({ 'X-API-Key': other.key }).then((client) => client.listTools()),
  ]);
  expect(ours.tools.map(({ name }) => name)).not.toContain('calculate');
  expect(theirs.tools.map(({ name }) => name)).toContain('calculate');
});

it('invalid protocol messages are answered as the protocol prescribes', async () => {
  const send = (json: unknown, headers = {}) => harbour.call('POST', '/v1/mcp', { json, headers });
  const accept = { Accept: 'application/json, text/event-stream' };
  expect((await send({ hello: 1 }, accept)).status).toBe(400);
  expect((await send({ jsonrpc: '2.0', id: 1, method: 'nothing' }, accept)).text).toContain('-32601');
  const listen = { jsonrpc: '2.0', id: 1, method: 'subscriptions/listen' };
  const modern = { ...accept, 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'subscriptions/listen' };
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'desk', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { _meta: meta, notifications: { toolsListChanged: true } };
  expect((await send({ ...listen, params }, modern)).text).toContain('limit reached');
  expect((await send('x'.repeat(2_000_000), accept)).status).toBe(413);
});
