import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type SapaClient } from './support/http-client.js';
import { prepareBusiness, type PreparedBusiness } from './support/prepared-business.js';
import { startSapa, type RunningSapa } from './support/start-sapa.js';

bePatient();

const browserPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const hasBrowser = existsSync(browserPath);
if (!hasBrowser) process.stdout.write(`visitor tests skipped: there is no ${browserPath} (set CHROMIUM)\n`);

const SOON = { timeout: 20_000 };

describe.skipIf(!hasBrowser)('a visitor answered by staff', () => {
  let business: PreparedBusiness;
  let sapa: RunningSapa;
  let browser: Browser;
  let demo: SapaClient;
  beforeAll(async () => {
    business = await prepareBusiness();
    sapa = await startSapa({ dataDir: await business.copy() });
    demo = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' });
    browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await sapa.stop();
    await business.close();
  });

  it('sees what staff write once and without reloading, and who is answering', async () => {
    const page = await open();
    await say(page, 'are you open on Mondays?');
    await expect.poll(() => page.locator('.thumbs').count(), SOON).toBe(1);
    const id = await newestConversation();
    expect(await page.locator('.attendance', { hasText: 'member of our team' }).count()).toBe(0);

    expect((await demo.call('POST', `/v1/conversations/${id}/takeover`)).status).toBe(200);
    await expect.poll(() => page.locator('.attendance').innerText(), SOON).toContain('member of our team');
    await write(id, 'Hello, this is **Sari**.');
    await expect.poll(() => texts(page, '.theirs.staff .body'), SOON).toEqual(['Hello, this is Sari.']);
    expect(await page.locator('.theirs.staff .badge').innerText()).toMatch(/team/i);

    await page.context().setOffline(true);
    await write(id, 'Are you still there?');
    await page.context().setOffline(false);
    const both = ['Hello, this is Sari.', 'Are you still there?'];
    await expect.poll(() => texts(page, '.theirs.staff .body'), SOON).toEqual(both);
    await page.reload();
    await expect.poll(() => texts(page, '.theirs.staff .body'), SOON).toEqual(both);
    await expect
      .poll(() => page.locator('.attendance', { hasText: 'member of our team' }).count(), SOON)
      .toBe(1);
    await say(page, 'yes, I am here');

    expect((await demo.call('POST', `/v1/conversations/${id}/release`)).status).toBe(200);
    await expect
      .poll(() => texts(page, '.theirs .body').then((all) => all.at(-1)), SOON)
      .toContain('The assistant is back');
    // Outside opening hours it still says that the team is away.
    await expect
      .poll(() => page.locator('.attendance', { hasText: 'member of our team' }).count(), SOON)
      .toBe(0);
    expect(await texts(page, '.theirs.staff .body')).toEqual(both);
    await page.context().close();
  });

  it('may write on during an answer, and each message is answered in order', async () => {
    const page = await open();
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/v1/web/chat', async (route) => {
      await gate;
      await route.continue();
    });
    await say(page, 'are you open on Mondays?');
    await say(page, 'is it okay to bring my dog along?');
    expect(await page.locator('textarea').inputValue()).toBe('');
    expect(await page.locator('.mine.queued').count()).toBe(1);
    release();
    await expect.poll(() => page.locator('.thumbs').count(), SOON).toBe(2);
    const [first, second] = await texts(page, '.theirs .body');
    expect(first).toContain('closed');
    expect(second).toContain('terrace');
    expect(await page.locator('.queued').count()).toBe(0);
    await page.context().close();
  });

  it('returns to the newest messages of a long conversation', async () => {
    const page = await open();
    await say(page, 'are you open on Mondays?');
    await expect.poll(() => page.locator('.thumbs').count(), SOON).toBe(1);
    const id = await newestConversation();
    for (let n = 1; n <= 105; n += 1) await write(id, `note ${n}`);
    await page.reload();
    await expect.poll(() => texts(page, '.theirs .body').then((all) => all.at(-1)), SOON).toBe('note 105');
    const all = await texts(page, '.theirs .body');
    expect(all[0]).toBe('note 6');
    expect(new Set(all).size).toBe(all.length);
    await page.context().close();
  });

  async function open(): Promise<Page> {
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    await page.goto(sapa.url);
    await page.locator('.greeting h2').waitFor();
    await expect.poll(() => page.locator('textarea').getAttribute('placeholder')).not.toBe('');
    return page;
  }

  async function newestConversation(): Promise<string> {
    const { body } = await demo.call('GET', '/v1/conversations?limit=1');
    const [newest] = body['items'] as { id: string }[];
    return newest?.id ?? '';
  }

  async function write(id: string, text: string): Promise<void> {
    const { status } = await demo.call('POST', `/v1/conversations/${id}/messages`, { json: { text } });
    expect(status).toBe(201);
  }
});

async function say(page: Page, text: string): Promise<void> {
  await page.locator('textarea').fill(text);
  await page.locator('textarea').press('Enter');
}

function texts(page: Page, selector: string): Promise<string[]> {
  return page.locator(selector).allInnerTexts();
}
