import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/lib/project-root.js';
import { startLoopbackServer } from '../fakes/loopback-server.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient } from './support/http-client.js';
import { prepareBusiness, type PreparedBusiness } from './support/prepared-business.js';
import { startSapa, type RunningSapa } from './support/start-sapa.js';

bePatient();

const browserPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const hasBrowser = existsSync(browserPath);
if (!hasBrowser)
  process.stdout.write(`widget tests on other sites skipped: there is no ${browserPath} (set CHROMIUM)\n`);

const SOON = { timeout: 30_000 };
const OWN_SITE = 'www.batik.example';
const OTHER_SITE = 'www.somebody-else.example';

type Site = Awaited<ReturnType<typeof startLoopbackServer>>;

describe.skipIf(!hasBrowser)('the widget on other sites', () => {
  let business: PreparedBusiness;
  let sapa: RunningSapa;
  let site: Site;
  let browser: Browser;
  /** The site's content security policy, and where its pages put the script. */
  let policy = '';
  let place: 'head' | 'body' = 'body';

  beforeAll(async () => {
    business = await prepareBusiness();
    sapa = await startSapa({ dataDir: await business.copy() });
    const admin = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' });
    const listed = await admin.call('PATCH', '/v1/tenants/demo/settings', { json: { hosts: [OWN_SITE] } });
    expect(listed.status, listed.text).toBe(200);
    site = await startLoopbackServer((_request, response) => {
      const script = `<script src="${sapa.url}/widget.js"></script>`;
      response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy });
      response.end(
        `<!doctype html><html lang="en"><head><title>Batik</title>${place === 'head' ? script : ''}</head>` +
          `<body><h1>Our shop</h1>${place === 'body' ? script : ''}</body></html>`,
      );
    });
    browser = await chromium.launch({
      executablePath: browserPath,
      args: ['--no-sandbox', '--host-resolver-rules=MAP *.example 127.0.0.1'],
    });
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await sapa.stop();
    await Promise.all([business.close(), site.close()]);
  });

  it.each(['head', 'body'] as const)(
    'works under exactly the policy that the guide documents, with its script in the %s',
    async (where) => {
      [policy, place] = [`default-src 'none'; ${await documentedPolicy()}`, where];
      const { page, troubles } = await visit(OWN_SITE);
      await page.getByRole('button', { name: 'Chat' }).click();
      await expect.poll(() => page.locator('textarea').getAttribute('placeholder'), SOON).not.toBe('');
      await page.locator('textarea').fill('Do you take cash on delivery?');
      await page.locator('textarea').press('Enter');
      await expect.poll(() => page.locator('.thumbs').count(), SOON).toBe(1);
      const panel = await page.locator('sapa-chat').boundingBox();
      expect(panel?.height, 'the style is there').toBeGreaterThan(200);
      expect(troubles).toEqual([]);
      await page.context().close();
    },
  );

  it('leaves the page unchanged if the policy blocks it', async () => {
    [policy, place] = ["default-src 'self'", 'body'];
    const { page, troubles } = await visit(OWN_SITE);
    expect(await page.getByRole('heading').innerText()).toBe('Our shop');
    expect(await page.getByRole('button').count()).toBe(0);
    expect(troubles.join('\n')).toContain('script-src');
    await page.context().close();
  });

  it('speaks for no business on a site that none has listed', async () => {
    [policy, place] = ['', 'body'];
    const { page, troubles } = await visit(OTHER_SITE);
    await page.getByRole('button', { name: 'Chat' }).click();
    await expect.poll(() => troubles.join('\n'), SOON).toContain('/web/session');
    const shown = await page
      .locator('sapa-chat')
      .evaluate(
        ({ shadowRoot }: { readonly shadowRoot: { readonly textContent: string } }) => shadowRoot.textContent,
      );
    expect(shown).not.toContain('Kawung');
    await page.context().close();
  });

  /** Opens the site's page; `troubles` collects all errors that the browser reports. */
  async function visit(host: string): Promise<{ readonly page: Page; readonly troubles: string[] }> {
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('pageerror', (error) => void troubles.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('favicon')) troubles.push(message.text());
    });
    const { port } = new URL(site.url);
    await page.goto(`http://${host}:${port}/`);
    return { page, troubles };
  }

  /** The policy documented in docs/widget.md, with the address of this service. */
  async function documentedPolicy(): Promise<string> {
    const guide = await readFile(join(projectRoot, 'docs/widget.md'), 'utf8');
    const block = /```\n(script-src[^`]+)```/.exec(guide)?.[1] ?? '';
    return block.replaceAll('https://chat.example.com', sapa.url).replaceAll(/\s+/g, ' ');
  }
});
