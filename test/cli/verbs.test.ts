import { spawn } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { compiledEntry } from '../../src/lib/project-root.js';
import { startWebSite } from '../fakes/web-site.js';
import { openWorkplace, type RunningService, type Workplace } from './run-sapa.js';

/** The service is a separate process: it notices within a second, or later on a busy machine. */
function noticed(check: () => Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 20_000, interval: 500 });
}

const SLOW = { timeout: 400_000 };
const TOKEN = '123456:a-secret-token-of-the-bot';
const QUESTION = 'Do you sell umbrellas?';
const ANSWER = 'Yes, for Rp 160.000.';

let place: Workplace;

const firstHit = (answer: Record<string, unknown>): unknown => (answer['hits'] as readonly unknown[])[0];

beforeAll(async () => {
  place = await openWorkplace();
  await place.json(['tenants', 'create', 'shop', '--name', 'Toko Uji']);
}, 120_000);
afterAll(() => place.remove());

describe('the command line on a folder without a service', () => {
  it('creates, lists and shows tenants, and creates none twice', SLOW, async () => {
    expect(await place.json(['tenants', 'list'])).toMatchObject({
      items: [{ id: 'shop', name: 'Toko Uji' }],
    });
    expect(await place.json(['tenants', 'show', 'shop'])).toMatchObject({ settings: { name: 'Toko Uji' } });
    expect(await place.sapa(['tenants', 'create', 'shop', '--name', 'x'])).toMatchObject({ code: 1 });
    expect(await place.sapa(['tenants', 'show', 'none'])).toMatchObject({ code: 1, out: '' });
  });

  it('shows a key once, and neither lists nor stores it', SLOW, async () => {
    const created = await place.json(['keys', 'create', '--tenant', 'shop', '--name', 'site']);
    const key = String(created['api_key']);
    const rotated = await place.json(['keys', 'rotate', String(created['id']), '--tenant', 'shop']);
    expect(rotated).toMatchObject({ name: 'site', revoked: created['id'] });
    const list = await place.sapa(['keys', 'list', '--tenant', 'shop']);
    expect(list.out).toContain(String(rotated['id']));
    for (const secret of [key, String(rotated['api_key'])]) expect(list.out).not.toContain(secret);
    await place.json(['keys', 'revoke', String(rotated['id']), '--tenant', 'shop']);
    expect(await place.json(['keys', 'list', '--tenant', 'shop'])).toEqual({ items: [] });
    expect(await place.sapa(['keys', 'revoke', 'none', '--tenant', 'shop'])).toMatchObject({ code: 1 });
  });

  it(
    'reads a channel token from the environment, a file or standard input and never prints it',
    SLOW,
    async () => {
      const add = ['channels', 'add', 'telegram', '--tenant', 'shop', '--token'];
      const outcomes = [
        await place.sapa([...add, 'env:BOT'], { env: { BOT: TOKEN } }),
        await place.sapa([...add, '-', '--json'], { input: `${TOKEN}\n` }),
        await place.sapa(['channels', 'list', '--tenant', 'shop', '--json']),
        await place.sapa([...add, `file:${join(place.folder, 'none')}`]),
        await place.sapa([...add, 'not a token at all']),
        await place.sapa(['channels', 'remove', 'telegram', '--tenant', 'shop']),
        await place.sapa(['channels', 'remove', 'shop.telegram', '--tenant', 'shop']),
      ];
      expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 1, 2, 0, 1]);
      expect(JSON.parse(outcomes[2]?.out ?? '')).toMatchObject({ items: [{ id: 'shop.telegram' }] });
      const printed = outcomes.map(({ out, err }) => out + err).join('\n');
      expect(printed).not.toContain(TOKEN);
      expect(printed).not.toContain('not a token at all');
    },
  );

  it('adds, searches and rereads documents', SLOW, async () => {
    await place.json([
      'kb',
      'add',
      '--tenant',
      'shop',
      '--id',
      'hats',
      '--title',
      'Hats',
      '--text',
      'Hats cost Rp 50.000.',
    ]);
    const file = join(place.folder, 'prices.csv');
    await writeFile(file, 'item,price\nsilk scarf,Rp 320.000\nfan,Rp 30.000\n');
    expect(await place.json(['kb', 'add', file, '--tenant', 'shop'])).toMatchObject({
      kind: 'csv',
      status: 'ready',
    });
    const search = ['kb', 'search', 'price of a silk scarf', '--tenant', 'shop'];
    const results = await place.json(search);
    expect(firstHit(results)).toMatchObject({
      title: 'prices',
      text: expect.stringContaining('silk') as unknown,
    });
    expect(await place.json(['kb', 'reindex', '--tenant', 'shop'])).toEqual({ documents: 2, failed: 0 });
    expect(firstHit(await place.json(search))).toMatchObject({ title: 'prices' });
    expect((await place.json(['kb', 'list', '--tenant', 'shop']))['items']).toHaveLength(2);
    const site = await startWebSite({ '/': { body: '<p>Parasols are lent for free.</p>' } });
    const url = `${site.url}/`;
    const allowed = { env: { OUTBOUND_ALLOW: '127.0.0.1' } };
    expect(await place.json(['kb', 'add', url, '--tenant', 'shop'], allowed)).toMatchObject({
      status: 'ready',
      documents: [{ url }],
    });
    expect(await place.sapa(['kb', 'add', url, '--tenant', 'shop'])).toMatchObject({ code: 1, out: '' });
    await site.close();
    const broken = join(place.folder, 'broken.pdf');
    await writeFile(broken, '%PDF-1.7 this is no PDF');
    expect(await place.sapa(['kb', 'add', broken, '--tenant', 'shop'])).toMatchObject({ code: 1, out: '' });
    expect(await place.sapa(['kb', 'add', 'no-such-file', '--tenant', 'shop'])).toMatchObject({ code: 1 });
  });

  it('imports all FAQ entries of a CSV or none', SLOW, async () => {
    const csv = join(place.folder, 'faq.csv');
    await writeFile(csv, `question,answer\n${QUESTION},"${ANSWER}"\n`);
    expect(await place.json(['faq', 'import', csv, '--tenant', 'shop'])).toEqual({ imported: 1 });
    const wrong = await place.sapa(['faq', 'import', '-', '--tenant', 'shop'], {
      input: 'question,answer\nWhy?,\n',
    });
    expect(wrong).toMatchObject({ code: 1, out: '' });
    expect(wrong.err).toContain('2');
  });

  it('invites staff, repairs indexes, and reports no faults', SLOW, async () => {
    const invited = await place.sapa(['users', 'invite', '--tenant', 'shop', '--locale', 'id']);
    expect(invited.out).toMatch(/^\/claim [2-9A-HJKMNP-Z]{8}\n/);
    expect(await place.json(['migrate'])).toEqual({ tenants: 1, removed_databases: 0 });
    expect(await place.json(['migrate'])).toEqual({ tenants: 1, removed_databases: 0 });
    expect(await place.json(['doctor'])).toMatchObject({ ok: true });
  });

  it('serves the store on its own to any driver until it is stopped', SLOW, async () => {
    const entry = fileURLToPath(compiledEntry('src/cli.js'));
    const child = spawn(process.execPath, [entry, 'store', 'serve', '--port', '0'], {
      cwd: place.folder,
      env: { DATA_DIR: place.dataDir },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const uri = await new Promise<string>((resolve) => {
      createInterface({ input: child.stdout }).once('line', resolve);
    });
    const client = new MongoClient(uri);
    expect(await client.db('sapa').collection('tenants').countDocuments()).toBe(1);
    await client.close();
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });

  it('refuses a damaged export and leaves no trace of it', SLOW, async () => {
    const file = join(place.folder, 'damaged.sapa.gz');
    await place.json(['tenants', 'export', 'shop', file]);
    expect((await stat(file)).mode & 0o077).toBe(0);
    expect(await place.sapa(['tenants', 'export', 'shop', file])).toMatchObject({ code: 1 });
    const whole = await readFile(file);
    const text = gunzipSync(whole).toString('utf8');
    const variants: Record<string, Buffer> = {
      changed: gzipSync(text.replace('Hats cost', 'Bats cost')),
      shortened: gzipSync(text.split('\n').slice(0, -3).join('\n') + '\n'),
      cut: whole.subarray(0, -20),
      newer: gzipSync(text.replace('"version":1', '"version":2')),
      empty: Buffer.alloc(0),
    };
    for (const [name, bytes] of Object.entries(variants)) {
      await writeFile(file, bytes);
      const { code, err } = await place.sapa(['tenants', 'restore', file, '--id', 'copy']);
      expect({ name, code }).toEqual({ name, code: 1 });
      expect(err).toContain('cannot be read');
    }
    expect((await place.json(['tenants', 'list']))['items']).toHaveLength(1);
  });
});

describe('the command line while a service is running', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await place.startService();
  }, 120_000);
  afterAll(async () => {
    await service.stop();
  });

  it('gives the running service the same answers after export, erasure and restore', SLOW, async () => {
    const file = join(place.folder, 'shop.sapa.gz');
    const ask = (tenant: string): Promise<unknown> =>
      Promise.all([service.ask(tenant, QUESTION), service.ask(tenant, 'How much is a silk scarf?')]).then(
        (answers) => answers.map(({ status, answer, source }) => ({ status, answer, source })),
      );
    const before = await ask('shop');
    expect(before).toMatchObject([{ status: 200, source: 'faq', answer: ANSWER }, { source: 'knowledge' }]);
    const documents = await place.json(['kb', 'list', '--tenant', 'shop']);
    await place.json(['tenants', 'export', 'shop', file]);
    await place.json(['tenants', 'restore', file, '--id', 'copy']);
    expect(await ask('copy')).toEqual(before);

    const refused = await place.sapa(['tenants', 'restore', file]);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('--replace')]);
    await place.json([
      'kb',
      'add',
      '--tenant',
      'shop',
      '--id',
      'new',
      '--title',
      'Boots',
      '--text',
      'Boots cost Rp 1.',
    ]);
    await place.json(['tenants', 'restore', file, '--replace']);
    expect(await place.json(['kb', 'list', '--tenant', 'shop'])).toEqual(documents);
    await noticed(async () => expect(await ask('shop')).toEqual(before));

    await place.json(['tenants', 'erase', 'shop', '--yes']);
    await noticed(async () => expect(await service.ask('shop', QUESTION)).toMatchObject({ status: 404 }));
    await place.json(['tenants', 'restore', file]);
    await noticed(async () => expect(await ask('shop')).toEqual(before));
  });

  it('makes a person staff and revokes it, with every change in the audit log', SLOW, async () => {
    const { command } = await place.json(['users', 'invite', '--tenant', 'shop']);
    expect(await place.json(['users', 'list', '--tenant', 'shop'])).toEqual({ items: [] });
    await service.ask('shop', String(command));
    const { items } = await place.json(['users', 'list', '--tenant', 'shop']);
    const [member] = items as { id: string }[];
    expect(items).toMatchObject([{ by: 'code' }]);
    expect(await place.json(['users', 'remove', member?.id ?? '', '--tenant', 'shop'])).toEqual({
      removed: member?.id,
    });
    expect(await place.json(['users', 'list', '--tenant', 'shop'])).toEqual({ items: [] });
    const again = await place.sapa(['users', 'remove', member?.id ?? '', '--tenant', 'shop']);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining(member?.id ?? '?')]);
    await place.json(['tenants', 'set', 'shop', '--tone', 'formal']);
    const trail = await service.trail('shop');
    expect(trail.slice(0, 3)).toMatchObject([
      { actor: { type: 'command-line' }, action: 'settings.change', fields: ['tone'] },
      { actor: { type: 'command-line' }, action: 'users.remove', target: member?.id },
      { actor: { type: 'command-line' }, action: 'users.invite' },
    ]);
    expect(trail.map(({ action }) => action)).toContain('tenants.create');
  });

  it('backs everything up, and restores a tenant with its keys and channels', SLOW, async () => {
    const created = await place.json(['keys', 'create', '--tenant', 'copy']);
    const key = String(created['api_key']);
    await place.json(
      [
        'channels',
        'add',
        'telegram',
        '--tenant',
        'copy',
        '--api-root',
        'http://127.0.0.1:9',
        '--token',
        'env:BOT',
      ],
      {
        env: { BOT: TOKEN },
      },
    );
    const folder = join(place.folder, 'backup');
    expect((await place.json(['backup', folder]))['files']).toHaveLength(3);
    expect(await place.sapa(['backup', folder])).toMatchObject({ code: 1 });
    const records = gunzipSync(await readFile(join(folder, 'service.sapa.gz'))).toString('utf8');
    expect(records).not.toContain(key);
    expect(records).not.toContain(TOKEN);
    await place.json(['tenants', 'erase', 'copy', '--yes']);
    expect(await service.ask('copy', QUESTION, key)).toMatchObject({ status: 401 });
    const restore = ['tenants', 'restore', join(folder, 'copy.sapa.gz')];
    expect(await place.json(restore)).toMatchObject({ keys: 1, accounts: 1, unreadable_accounts: 0 });
    await place.json(['tenants', 'erase', 'copy', '--yes']);
    // That no account needs another master key is not worth a word.
    expect((await place.sapa(restore)).out).toContain('1 keys, 1 channel accounts.\n');
    expect(await service.ask('copy', QUESTION, key)).toMatchObject({ status: 200, answer: ANSWER });
  });
});
