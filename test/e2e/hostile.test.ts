import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../../src/lib/project-root.js';
import { bePatient } from './support/be-patient.js';
import type { Answer, SapaClient } from './support/http-client.js';
import { sapaClient } from './support/http-client.js';
import type { RunningSapa } from './support/start-sapa.js';
import { removeDataDir, runEntry, startSapa, temporaryDataDir } from './support/start-sapa.js';

bePatient();

const MEGABYTE = 1024 * 1024;
/** Only every n-th naughty string is sent here; the HTTP tests send all of them to every field. */
const STRING_STEP = 12;
const STACK = /node_modules|\.js:\d+|^\s+at /m;
const naughtyFile = join(projectRoot, '../shared/data/hostile/blns.json');
const hasNaughty = existsSync(naughtyFile);
if (!hasNaughty) process.stdout.write(`naughty strings skipped: there is no ${naughtyFile}\n`);

function expectRefused(answer: Answer, statuses: readonly number[], name: string): void {
  expect(statuses, `${name}: ${answer.status} ${answer.text.slice(0, 300)}`).toContain(answer.status);
  expect(answer.text, name).not.toMatch(STACK);
  expect(answer.body, name).toMatchObject({ status: answer.status, code: expect.any(String) as string });
}

describe('bad requests', () => {
  let sapa: RunningSapa;
  let shop: SapaClient;
  beforeAll(async () => {
    sapa = await startSapa({ env: { SEED_DEMO: 'false' } });
    shop = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'shop' });
    await shop.call('PUT', '/v1/tenants/shop/settings', { json: { name: 'Shop' } });
  });
  afterAll(async () => {
    await sapa.stop();
    await removeDataDir(sapa.dataDir);
  });

  it('are refused with a problem that names the fault, never with a 5xx or a stack trace', async () => {
    const raw = (body: string, type = 'application/json') =>
      shop.call('POST', '/v1/chat', { body, headers: { 'Content-Type': type } });
    const good = { user_id: 'u', messages: [{ role: 'user', content: 'hi' }] };
    expectRefused(await raw('{"user_id":'), [400], 'half a JSON text');
    expectRefused(await raw('"text"'), [400], 'a string');
    expectRefused(await raw('null'), [400], 'null');
    expectRefused(await raw(''), [400, 415], 'nothing');
    expectRefused(await raw('['.repeat(100_000)), [400], 'deep');
    expectRefused(await raw(JSON.stringify(good), 'text/plain'), [415], 'text/plain');
    expectRefused(await raw(JSON.stringify({ ...good, surprise: 1 })), [400], 'an unknown field');
    expectRefused(await raw(JSON.stringify({ ...good, user_id: { $gt: '' } })), [400], 'an operator');
    expectRefused(await raw('{"__proto__":{"x":1},"user_id":"u","messages":[]}'), [400], 'a prototype');
    expectRefused(await raw(`{"user_id":"${'u'.repeat(20 * MEGABYTE)}"}`), [413], '20 MB');
    expectRefused(await shop.call('GET', '/v1/nothing'), [404], 'an unknown route');
    const wrongMethod = await shop.call('DELETE', '/v1/chat');
    expectRefused(wrongMethod, [405], 'a wrong method');
    expect(wrongMethod.headers.get('allow')).toContain('POST');
    expectRefused(await shop.call('GET', '/v1/kb/documents/%E0%A4%A'), [400, 404], 'a broken escape');
    expectRefused(await shop.call('GET', '/v1/faq?cursor=%00%ff&limit=-1'), [400], 'a forged cursor');
    expect((await shop.call('GET', '/health')).status).toBe(200);
  });

  it.skipIf(!hasNaughty)('with naughty strings in any field are taken as text or refused', async () => {
    const all = z.array(z.string()).parse(JSON.parse(readFileSync(naughtyFile, 'utf8')));
    const some = all.filter((_text, index) => index % STRING_STEP === 0);
    for (const text of some) {
      const requests = [
        ['/v1/chat', { user_id: 'naughty', messages: [{ role: 'user', content: text }] }],
        ['/v1/chat', { user_id: text, messages: [{ role: 'user', content: 'hello' }] }],
        ['/v1/kb/upsert', { title: text, text: `About it: ${text}` }],
        ['/v1/faq', { question: `${text}?`, answer: text, locale: 'en' }],
        ['/v1/kb/search', { query: text }],
      ] as const;
      for (const [path, json] of requests) {
        const answer = await shop.call('POST', path, { json });
        expect(answer.status, `${path} ${JSON.stringify(text)}`).toBeLessThan(500);
        if (answer.status >= 400) expectRefused(answer, [400, 413, 422], path);
      }
    }
    expect((await shop.call('GET', '/ready')).status).toBe(200);
    expect(sapa.output()).not.toMatch(/"level":(50|60)/);
  });
});

describe('a failing start', () => {
  const folders: string[] = [];
  const start = async (env: Record<string, string>) => {
    const dataDir = await temporaryDataDir();
    folders.push(dataDir);
    return runEntry('src/main.js', { dataDir, env });
  };
  afterAll(async () => {
    for (const folder of folders) await removeDataDir(folder);
  });

  it('lists every wrong setting at once, without its value, and exits with 2', async () => {
    const { code, stderr } = await start({
      PORT: 'abc',
      MONGODB_URI: 'foo://secret@host',
      TELEGRAM_BOT_TOKEN: 'not-a-token',
      SAPA_MASTER_KEY: 'c2hvcnQ=',
    });
    expect(code).toBe(2);
    for (const name of ['PORT', 'MONGODB_URI', 'TELEGRAM_BOT_TOKEN', 'SAPA_MASTER_KEY'])
      expect(stderr).toContain(name);
    expect(stderr).not.toMatch(/secret|not-a-token|c2hvcnQ/);
    expect(stderr).not.toMatch(STACK);
  });

  it('names the unknown model provider and the known ones, and exits with 2', async () => {
    const { code, stderr } = await start({ LLM_CHAIN: 'oracle:delphi,extractive' });
    expect(code).toBe(2);
    expect(stderr).toMatch(/LLM_CHAIN.*oracle.*openai, anthropic, gemini, extractive/);
    expect(stderr).not.toMatch(STACK);
    const withoutKey = await start({ LLM_CHAIN: 'openai:gpt-5-mini' });
    expect(withoutKey.code).toBe(2);
    expect(withoutKey.stderr).toContain('OPENAI_API_KEY');
  });

  it('reports in one line that the port is in use, and exits with 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await start({ PORT: String(port), SEED_DEMO: 'false' });
    other.close();
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(String(port));
  });

  it('reports in one line that the data folder is unusable, and exits with 1', async () => {
    const { code, stderr } = await start({ DATA_DIR: '/dev/null/data' });
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
