import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/lib/project-root.js';
import { bePatient } from './support/be-patient.js';
import { waitForSample, sapaClient } from './support/http-client.js';
import type { RunningSapa } from './support/start-sapa.js';
import { removeDataDir, startSapa } from './support/start-sapa.js';

bePatient();

const DESKTOP = { width: 1200, height: 860 };
const PHONE = { width: 390, height: 844 };
const browserPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const hasBrowser = existsSync(browserPath);
if (!hasBrowser)
  process.stdout.write(`playground tests skipped: there is no ${browserPath} (set CHROMIUM)\n`);

describe.skipIf(!hasBrowser)('the playground in a browser', () => {
  let sapa: RunningSapa;
  let port: number;
  let browser: Browser;
  let context: BrowserContext | undefined;
  /** Errors that a developer would see in the console. */
  let complaints: string[] = [];
  beforeAll(async () => {
    // A fixed port, because the page must find the service again after a restart.
    port = await freePort();
    sapa = await startSapa({ env: { PORT: String(port) } });
    await waitForSample(sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' }));
    browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    await sapa.stop();
    await removeDataDir(sapa.dataDir);
  });
  afterEach(async () => {
    await context?.close();
    context = undefined;
  });

  it('answers in both languages, shows its sources and accepts a rating', async () => {
    const page = await open({ locale: 'id-ID' });
    await expect.poll(() => page.locator('html').getAttribute('lang')).toBe('id');
    await ask(page, 'ongkir ke Makassar berapa?');
    const answer = page.locator('.theirs').last();
    await answer.locator('details.sources').waitFor();
    expect(await answer.locator('.body').innerText()).toContain('48.000');
    const sources = answer.locator('details.sources');
    expect(await sources.getAttribute('open')).toBeNull();
    await sources.locator('summary').click();
    expect(await sources.locator('q').first().innerText()).toContain('Makassar');
    const [up, down] = [answer.locator('.thumbs button').first(), answer.locator('.thumbs button').last()];
    await up.click();
    await expect.poll(() => up.getAttribute('aria-pressed')).toBe('true');
    await down.click();
    await expect.poll(() => down.getAttribute('aria-pressed')).toBe('true');
    expect(await up.getAttribute('aria-pressed')).toBe('false');

    await page.locator('header select').selectOption('en');
    await expect.poll(() => page.locator('html').getAttribute('lang')).toBe('en');
    await ask(page, 'do you ship to Singapore?');
    await expect.poll(() => lastAnswer(page)).toContain('210.000');
    await ask(page, 'can you repair a broken laptop screen?');
    await expect.poll(() => page.locator('.theirs .thumbs').count()).toBe(3);
    expect(await page.locator('.theirs').last().locator('details.sources').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('renders the Markdown of an answer and no other markup', async () => {
    const page = await open();
    // A string, because the tests' types do not include the browser's.
    const rendered = (markdown: string): Promise<string> =>
      page.evaluate<string>(`(async () => {
        const { renderMarkdown } = await import('/markdown.js');
        const body = document.createElement('div');
        body.append(renderMarkdown(${JSON.stringify(markdown)}));
        return body.innerHTML.replace(/\\n/g, '');
      })()`);
    expect(await rendered('- a\n  1. b\n- c')).toBe(
      '<ul><li>a<ol><li value="1">b</li></ol></li><li>c</li></ul>',
    );
    expect(await rendered('17. a\n25. b')).toBe(
      '<ol start="17"><li value="17">a</li><li value="25">b</li></ol>',
    );
    expect(await rendered('> quoted\n\none\ntwo')).toBe(
      '<blockquote><p>quoted</p></blockquote><p>one<br>two</p>',
    );
    expect(await rendered('|a|b|\n|-|-:|\n|1|2|')).toMatch(
      /^<div class="table"><table>.*<td align="right">2<\/td>/,
    );
    expect(await rendered('3~5 hari, Rp10.000~20.000, ~~lama~~')).toBe(
      '<p>3~5 hari, Rp10.000~20.000, <del>lama</del></p>',
    );
    expect(await rendered('60*90*2 \\[x\\] [1] **b** _i_ `c`')).toBe(
      '<p>60*90*2 [x] <sup class="cite">1</sup> <strong>b</strong> <em>i</em> <code>c</code></p>',
    );
    expect(await rendered('[toko](https://toko.example/a)')).toBe(
      '<p><a href="https://toko.example/a" target="_blank" rel="noopener noreferrer nofollow">toko</a></p>',
    );
    const hostile = [
      '<img src=x onerror="window.hit=1">',
      '<script>window.hit=1</script>',
      '[x](javascript:window.hit=1)',
      '![x](https://spy.example/p.png)',
      '<a href="data:text/html,x">x</a>',
      '<svg><style><img src=x onerror=window.hit=1>',
      '```html\n<iframe src="https://spy.example">\n```',
    ];
    for (const text of hostile) {
      expect(await rendered(text), text).not.toMatch(
        /<(?:img|script|iframe|svg|style)|<a [^>]*href="(?:javascript|data)/i,
      );
    }
    expect(await page.evaluate(`'hit' in window`)).toBe(false);
  });

  it('keeps the chat across a reload, and starts a new one on request', async () => {
    const page = await open();
    await ask(page, 'are you open on Mondays?');
    await expect.poll(() => lastAnswer(page)).toContain('closed');
    await page.reload();
    await expect.poll(() => page.locator('.row').count()).toBe(2);
    expect(await lastAnswer(page)).toContain('closed');
    await page.locator('header button').last().click();
    await expect.poll(() => page.locator('.row').count()).toBe(0);
    await page.locator('.greeting').waitFor();
    await ask(page, 'do you have oat milk?');
    await expect.poll(() => lastAnswer(page)).toContain('6.000');
    await page.reload();
    await expect.poll(() => page.locator('.row').count()).toBe(2);
    expect(complaints).toEqual([]);
  });

  it('answers a message written before the new chat has its session', async () => {
    const page = await open();
    await page.route('**/v1/web/session', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      await route.continue();
    });
    await page.locator('header button').last().click();
    await page.locator('.greeting').waitFor();
    await ask(page, 'do you have oat milk?');
    await expect.poll(() => lastAnswer(page)).toContain('6.000');
    expect(complaints).toEqual([]);
  });

  it('offers the commands that a reply lists as buttons, also after a reload', async () => {
    const page = await open();
    await ask(page, '/human');
    const back = page.locator('.choices button', { hasText: 'Back to the assistant' });
    await back.waitFor();
    expect(await page.locator('.theirs').last().locator('code').count()).toBe(0);
    await page.reload();
    await back.click();
    await expect.poll(() => lastAnswer(page)).toContain('The assistant is back');
  });

  it('works with the keyboard alone', async () => {
    const page = await open();
    await page.locator('.suggestions button').first().waitFor();
    await focusByTab(page, 'textarea');
    await page.keyboard.type('hello!');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('are you open on Mondays?');
    await page.keyboard.press('Enter');
    await expect.poll(() => lastAnswer(page)).toContain('closed');
    await focusByTab(page, '.thumbs button');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.thumbs button[aria-pressed=true]').count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  it('fits a phone screen, even with long words and an open list of sources', async () => {
    const page = await open({ viewport: PHONE, hasTouch: true, isMobile: true });
    await ask(page, `how much is shipping to Bandung? ${'w'.repeat(300)}`);
    await ask(page, 'do you ship to Singapore?');
    await page.locator('details.sources').last().locator('summary').click();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(PHONE.width);
    const overflow = inChat("querySelector('.log').scrollWidth - chat.querySelector('.log').clientWidth");
    expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
    const composer = await page.locator('form').boundingBox();
    expect((composer?.y ?? 0) + (composer?.height ?? 0)).toBeLessThanOrEqual(PHONE.height);
    expect(complaints).toEqual([]);
  });

  it('runs no script contained in a message', async () => {
    const page = await open();
    const hostile =
      '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> **bold** [x](javascript:alert(1))';
    await ask(page, hostile);
    await expect.poll(() => page.locator('.theirs .body').last().innerText()).not.toBe('');
    await page.reload();
    await expect.poll(() => page.locator('.mine .bubble').innerText()).toContain('<img src=x');
    expect(await page.evaluate("'hacked' in window")).toBe(false);
    expect(await page.locator('sapa-chat a[href^="javascript"], .log img').count()).toBe(0);
    const policy = (await page.request.get(sapa.url)).headers()['content-security-policy'] ?? '';
    expect(policy).toMatch(/script-src 'self'/);
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(complaints).toEqual([]);
  });

  it('says when the service is down, and sends the message once it is back', async () => {
    const page = await open();
    await page.locator('.suggestions button').first().waitFor();
    const { dataDir } = sapa;
    await sapa.stop();
    await ask(page, 'can I bring my dog?');
    const note = page.locator('.note[role=alert]');
    await note.waitFor();
    expect(await page.locator('.mine').count()).toBe(1);
    sapa = await startSapa({ dataDir, env: { PORT: String(port) } });
    await note.locator('button').click();
    await expect.poll(() => lastAnswer(page), { timeout: 20_000 }).toContain('terrace');
    await page.reload();
    await expect.poll(() => page.locator('.row').count()).toBe(2);
  });

  it.runIf(process.env['SAPA_SCREENSHOTS'] === '1')(
    'is captured in screenshots for the documentation',
    async () => {
      await mkdir(join(projectRoot, 'docs/images'), { recursive: true });
      for (const [name, viewport, locale] of [
        ['desktop', DESKTOP, 'en-GB'],
        ['phone', PHONE, 'id-ID'],
      ] as const) {
        const page = await open({ viewport, locale });
        const [first, second] =
          name === 'desktop'
            ? ['can I bring my dog?', 'how much is shipping to Bandung and how long does it take?']
            : ['bisa bayar pakai qris atau transfer mandiri?', 'ongkir ke Makassar berapa?'];
        await ask(page, first);
        await page.locator('.thumbs').first().waitFor();
        await ask(page, second);
        await page.locator('details.sources summary').click();
        await page.screenshot({ path: join(projectRoot, `docs/images/playground-${name}.png`) });
        await context?.close();
      }
    },
  );

  async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    await context?.close();
    context = await browser.newContext({ viewport: DESKTOP, locale: 'en-GB', ...options });
    complaints = [];
    const page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? '';
      // Chromium also reports this for a stream that was read to its end.
      if (reason !== 'net::ERR_ABORTED') complaints.push(`${request.url()} ${reason}`);
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(sapa.url)) complaints.push(`leaves the house: ${request.url()}`);
    });
    await page.goto(sapa.url, { waitUntil: 'networkidle' });
    return page;
  }
});

/** Types a message, sends it, and waits until an answer or an error appears. */
async function ask(page: Page, text: string): Promise<void> {
  const before = await page.locator('.mine').count();
  await page.locator('textarea').fill(text);
  await page.locator('textarea').press('Enter');
  await expect.poll(() => page.locator('.mine').count()).toBe(before + 1);
  await expect
    .poll(async () => (await page.locator('.theirs').count()) + (await page.locator('.note').count()), {
      timeout: 20_000,
    })
    .toBeGreaterThan(before);
  await expect.poll(() => page.locator('.waiting').count(), { timeout: 20_000 }).toBe(0);
}

function lastAnswer(page: Page): Promise<string> {
  return page.locator('.theirs .body').last().innerText();
}

/**
 * An expression for the page, evaluated inside the chat element; a string, because it runs in the browser.
 */
function inChat(expression: string): string {
  return `(() => { const chat = document.querySelector('sapa-chat').shadowRoot; return chat.${expression}; })()`;
}

/** Presses Tab until the element in the chat that matches the selector has the focus. */
async function focusByTab(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 30; presses += 1) {
    await page.keyboard.press('Tab');
    const isThere = await page.evaluate(
      inChat(`activeElement?.matches(${JSON.stringify(selector)}) ?? false`),
    );
    if (isThere) return;
  }
  throw new Error(`Tab never reaches ${selector}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
