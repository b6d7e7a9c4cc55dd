import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bePatient } from './support/be-patient.js';
import { waitForSample, sapaClient } from './support/http-client.js';
import type { RunningSapa } from './support/start-sapa.js';
import { removeDataDir, startSapa } from './support/start-sapa.js';

bePatient();

const PHONE = { width: 390, height: 844 };
const browserPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const hasBrowser = existsSync(browserPath);
if (!hasBrowser) process.stdout.write(`widget tests skipped: there is no ${browserPath} (set CHROMIUM)\n`);

/** The page of a business on its own host, with styles that would ruin anything not isolated from them. */
const pageWith = (sapaUrl: string): string => `<!doctype html>
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The shop</title>
<link rel="icon" href="data:,">
<style>* { color: red !important } button { display: none }</style>
<h1>The shop</h1>
<script src="${sapaUrl}/widget.js" async></script>`;

describe.skipIf(!hasBrowser)('the widget on a business’s site', () => {
  let sapa: RunningSapa;
  let site: Server;
  let browser: Browser;
  const complaints: string[] = [];

  beforeAll(async () => {
    sapa = await startSapa();
    const client = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' });
    await waitForSample(client);
    await client.call('PATCH', '/v1/tenants/demo/settings', { json: { hosts: ['localhost'] } });
    site = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html').end(pageWith(sapa.url));
    }).listen(0, 'localhost');
    await once(site, 'listening');
    browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    site.close();
    await sapa.stop();
    await removeDataDir(sapa.dataDir);
  });

  it('opens, answers, and accepts a tapped choice, with the end of the chat in view', async () => {
    const context = await browser.newContext({ viewport: PHONE, hasTouch: true, locale: 'en-GB' });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`http://localhost:${(site.address() as AddressInfo).port}/`);
    await page.locator('button.launcher').tap();
    await ask(page, 'my cloth arrived torn');
    const choice = page.locator('.choices button', { hasText: 'Damaged or wrong article' });
    expect(await page.locator('.choices button').allInnerTexts()).toContain('Damaged or wrong article');
    expect(await page.locator('.theirs .body').last().innerText()).not.toContain('1.');
    await choice.tap();
    await expect.poll(() => page.locator('.theirs .body').last().innerText()).toContain('within 3 days');
    expect(await page.locator('.mine').count()).toBe(2);

    for (const text of [
      'are you open on Mondays?',
      'how much is shipping to Makassar?',
      '/privacy',
      '/help',
    ]) {
      await ask(page, text);
      await expect.poll(() => fromTheEnd(page), { message: text }).toBeLessThan(2);
    }
    // Asking for a person shows a banner above the chat, which takes space from it.
    await ask(page, '/human');
    await page.locator('.attendance').waitFor();
    await expect.poll(() => fromTheEnd(page)).toBeLessThan(2);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

async function ask(page: Page, text: string): Promise<void> {
  const before = await page.locator('.theirs').count();
  await page.locator('textarea').fill(text);
  await page.locator('textarea').press('Enter');
  await expect.poll(() => page.locator('.theirs').count()).toBe(before + 1);
  await expect.poll(() => page.locator('.waiting').count(), { timeout: 20_000 }).toBe(0);
}

/** The conversation inside the chat element inside the widget; a string, because it runs in the browser. */
const LOG = `document.querySelector('body > div').shadowRoot.querySelector('sapa-chat').shadowRoot.querySelector('.log')`;

/** Distance from the visible part to the end of the conversation, in pixels. */
function fromTheEnd(page: Page): Promise<number> {
  return page.evaluate<number>(
    `(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)(${LOG})`,
  );
}
