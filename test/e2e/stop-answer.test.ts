import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAiDialect, TEST_KEY } from '../fakes/llm/dialects.js';
import { startScriptedServer, type ScriptedServer } from '../fakes/llm/scripted-server.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type SapaClient } from './support/http-client.js';
import { prepareBusiness, type PreparedBusiness } from './support/prepared-business.js';
import { startSapa, type RunningSapa } from './support/start-sapa.js';

bePatient();

const browserPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const hasBrowser = existsSync(browserPath);
if (!hasBrowser) process.stdout.write(`stop tests skipped: there is no ${browserPath} (set CHROMIUM)\n`);

const SOON = { timeout: 30_000 };
const QUESTION = 'tell me about the sea';

describe.skipIf(!hasBrowser)('a visitor on the web', () => {
  let business: PreparedBusiness;
  let model: ScriptedServer;
  let sapa: RunningSapa;
  let browser: Browser;
  let demo: SapaClient;
  beforeAll(async () => {
    [business, model] = await Promise.all([prepareBusiness(), startScriptedServer()]);
    sapa = await startSapa({
      dataDir: await business.copy(),
      env: { OPENAI_API_KEY: TEST_KEY, OPENAI_BASE_URL: `${model.url}/v1`, LLM_CHAIN: 'openai:gpt-test' },
    });
    demo = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' });
    browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await sapa.stop();
    await Promise.all([business.close(), model.close()]);
  });

  it('can stop an answer, keeps what was written, and continues with the next question', async () => {
    const chunks = openAiDialect.text('Waves come ', 'and go. ', 'The tide');
    model.play(
      { chunks: chunks.slice(0, -2), ending: 'stall' },
      { chunks: openAiDialect.text('Gladly, more of it.'), ending: 'end' },
    );
    const page = await open();
    const stop = page.getByRole('button', { name: 'Stop' });
    expect(await stop.isVisible()).toBe(false);
    await say(page, QUESTION);
    await expect.poll(() => lastAnswer(page), SOON).toContain('Waves come and go.');
    const requestCount = model.requests.length;
    await say(page, 'and the shore?');
    expect(await page.locator('.mine.queued').count()).toBe(1);
    await stop.click();
    await model.requests[requestCount - 1]?.closedByClient;

    await expect.poll(() => page.locator('.thumbs').count(), SOON).toBe(2);
    const [first, second] = await page.locator('.theirs .body').allInnerTexts();
    expect(first).toBe('Waves come and go. The\n\nYou stopped this answer here.');
    expect(second).toBe('Gladly, more of it.');
    expect(await stop.isVisible()).toBe(false);

    await page.reload();
    await expect.poll(() => page.locator('.theirs .body').count(), SOON).toBe(2);
    expect((await page.locator('.theirs .body').allInnerTexts())[0]).toBe(first);
    const { body } = await demo.call('GET', '/v1/conversations?limit=1');
    const [newest] = body['items'] as { id: string }[];
    const messages = await demo.call('GET', `/v1/conversations/${newest?.id}/messages`);
    expect((messages.body['items'] as { role: string }[]).map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
      'assistant',
    ]);
    await page.context().close();
  });

  it('is told if an answer was stopped before anything was written', async () => {
    model.play({ chunks: [], ending: 'stall' });
    const page = await open();
    await say(page, QUESTION);
    const before = model.requests.length;
    await expect.poll(() => model.requests.length, SOON).toBeGreaterThan(before - 1);
    const stop = page.getByRole('button', { name: 'Stop' });
    await stop.click();
    // A click before the turn begins has no effect, so click again.
    await expect
      .poll(async () => {
        if (await stop.isVisible()) await stop.click();
        return lastAnswer(page);
      }, SOON)
      .toBe('You stopped this answer here.');
    await page.context().close();
  });

  it('sees that the team is away, and until when', async () => {
    const closed = { days: { mon: [{ open: '09:00', close: '17:00' }] }, holidays: [] };
    const today = new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: 'Asia/Jakarta' }).format();
    const days = today === 'Mon' ? { wed: closed.days.mon } : closed.days;
    const json = { timezone: 'Asia/Jakarta', business_hours: { ...closed, days } };
    expect((await demo.call('PATCH', '/v1/tenants/demo/settings', { json })).status).toBe(200);
    model.play({ chunks: openAiDialect.text('Hello!'), ending: 'end' });
    const page = await open();
    await say(page, 'hi there');
    const attendance = page.locator('.attendance');
    await expect
      .poll(() => attendance.innerText(), SOON)
      .toMatch(/^Our team is away until (tomorrow|Monday|Wednesday), 09:00\.$/);
    await page.locator('select').selectOption('id');
    await expect.poll(() => attendance.innerText(), SOON).toMatch(/^Tim kami baru tersedia lagi .*09:00\.$/);
    await page.context().close();
  });

  async function open(): Promise<Page> {
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    await page.goto(sapa.url);
    await expect.poll(() => page.locator('textarea').getAttribute('placeholder'), SOON).not.toBe('');
    return page;
  }
});

async function lastAnswer(page: Page): Promise<string> {
  return (await page.locator('.theirs .body').allInnerTexts()).at(-1) ?? '';
}

async function say(page: Page, text: string): Promise<void> {
  await page.locator('textarea').fill(text);
  await page.locator('textarea').press('Enter');
}
