import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { compiledEntry } from '../../../src/lib/project-root.js';

const running: ReturnType<typeof spawn>[] = [];
afterEach(() => running.splice(0).forEach((child) => child.kill()));

it('the fake Telegram runs in its own process and is controlled over HTTP', async () => {
  const entry = fileURLToPath(compiledEntry('test/fakes/telegram/main.js'));
  const child = spawn(process.execPath, [entry], { stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { apiRoot, control } = z.object({ apiRoot: z.url(), control: z.url() }).parse(JSON.parse(line));
  const post = async (url: string, body: unknown): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  };
  const token = '42:secret';
  expect(await post(`${apiRoot}/bot${token}/getMe`, {})).toMatchObject({ ok: false, error_code: 401 });
  await post(`${control}/bots`, { token });
  await post(`${control}/send`, { token, user: 7, text: 'halo' });
  expect(await post(`${apiRoot}/bot${token}/getUpdates`, {})).toMatchObject({
    result: [{ message: { text: 'halo', from: { id: 7 } } }],
  });
  await post(`${control}/faults`, {
    token,
    method: 'sendMessage',
    faults: [{ status: 429, retryAfter: 60 }],
  });
  const send = () => post(`${apiRoot}/bot${token}/sendMessage`, { chat_id: 7, text: 'hai' });
  expect(await send()).toMatchObject({ error_code: 429, parameters: { retry_after: 60 } });
  expect(await send()).toMatchObject({ error_code: 429 });
  expect(await post(`${control}/journal`, { token })).toMatchObject({
    violations: [{ method: 'sendMessage', duringWait: true }],
    offsets: [0],
  });
  expect(await post(`${control}/messages`, { token, chat: 7 })).toEqual([]);
});
