import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/lib/project-root.js';
import { openWorkplace, type Workplace } from './run-sapa.js';

const SLOW = { timeout: 240_000 };
type Package = Readonly<Record<'version', string>>;
let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace();
});
afterAll(() => place.remove());

describe('wrong usage of the command line', () => {
  it.each([
    [['nonsense']],
    [['tenants', 'nonsense']],
    [['tenants', 'create']],
    [['keys', 'create']],
    [['tenants', 'list', '--nonsense']],
    [[]],
    [['train']],
    [['channels', 'pair']],
    [['users', 'list']],
  ])('sapa %j exits with 2 and shows the usage', SLOW, async (words) => {
    const { code, err, out } = await place.sapa(words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Usage: sapa');
  });

  it.each([
    [['tenants', 'create', 'No Id', '--name', 'x'], 'a-z'],
    [['tenants', 'create', 'shop'], 'name'],
    [['tenants', 'erase', 'shop'], '--yes'],
    [['store', 'serve', '--port', '99999'], '99999'],
    [['kb', 'add', '--tenant', 'shop'], '--title'],
    [['kb', 'search', 'x', '--tenant', 'shop', '--top-k', '0'], '--top-k'],
    [['channels', 'add', 'telegram', '--tenant', 'shop', '--config', '{"token"'], '--config'],
    [['channels', 'add', 'telegram', '--tenant', 'shop', '--token', 'env:NOT_SET'], 'NOT_SET'],
  ])('sapa %j exits with 2 and gives the reason', SLOW, async (words, reason) => {
    const { code, err } = await place.sapa(words);
    expect(code).toBe(2);
    expect(err).toContain(reason);
  });

  it('creates no business whose model chain names an unknown provider', SLOW, async () => {
    const settings = JSON.stringify({ models: { chain: ['extractive', 'nobody:x'] } });
    const create = ['tenants', 'create', 'chained', '--name', 'Chained', '--settings', '-'];
    const refused = await place.sapa(create, { input: settings });
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('models.chain.1: ')]);
    expect((await place.sapa(['tenants', 'show', 'chained'])).code).toBe(1);
  });

  it('adds no webhook account to a service without a public URL', SLOW, async () => {
    await place.json(['tenants', 'create', 'called', '--name', 'Called']);
    const add = ['channels', 'add', 'telegram', '--tenant', 'called', '--token', '1:a-secret-token'];
    const config = ['--config', '{"mode":"webhook"}'];
    const refused = await place.sapa([...add, ...config]);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain('PUBLIC_URL');
    const env = { PUBLIC_URL: 'https://sapa.example' };
    expect(await place.sapa([...add, ...config], { env })).toMatchObject({ code: 0 });
    expect((await place.sapa(['doctor'])).out).toContain('PUBLIC_URL');
  });

  it('lists all invalid settings at once and exits with 2', SLOW, async () => {
    const { code, err } = await place.sapa(['tenants', 'list'], {
      env: { PORT: 'many', LOG_LEVEL: 'loud', API_KEY: 'hunter2-secret', MONGODB_URI: 'http://pw@host' },
    });
    expect(code).toBe(2);
    for (const name of ['PORT', 'LOG_LEVEL', 'API_KEY', 'MONGODB_URI']) expect(err).toContain(name);
    expect(err).not.toMatch(/hunter2|pw@host/);
  });

  it.each([
    [['kb', 'ad'], 'Tidak ada perintah “ad”.\nMaksud Anda add?'],
    [['kb', 'list', '--tenat', 'shop', '--tenant', 'shop'], 'Tidak ada opsi --tenat.\nMaksud Anda --tenant?'],
    [['tenants', 'create'], 'Ada yang kurang: <id>.'],
    [['kb', 'list'], '--tenant <id> wajib diisi.'],
    [['kb', 'list', '--tenant'], '--tenant <id> perlu nilai.'],
    [['doctor', 'a'], 'tidak menerima kata lain'],
  ])('sapa %j is refused in the language of the settings', SLOW, async (words, sentence) => {
    const { code, err } = await place.sapa(words, { env: { DEFAULT_LOCALE: 'id' } });
    expect(code).toBe(2);
    expect(err).toContain(sentence);
    expect(err).toContain('Cara pakai: sapa');
    expect(err).not.toMatch(/error:|Usage|Options|display help/);
  });

  it('shows help in the requested language and exits with 0', SLOW, async () => {
    const english = await place.sapa(['--help']);
    expect(english).toMatchObject({ code: 0 });
    expect(english.out).toContain('businesses');
    const indonesian = await place.sapa(['tenants', '--help'], { env: { DEFAULT_LOCALE: 'id' } });
    expect(indonesian).toMatchObject({ code: 0 });
    expect(indonesian.out).toContain('usaha');
  });

  it('prints its version', SLOW, async () => {
    const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as Package;
    expect(await place.sapa(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it('exits with 1 if the store is unreachable, and the doctor says what to do', SLOW, async () => {
    const env = { MONGODB_URI: 'mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=500' };
    expect(await place.sapa(['tenants', 'list'], { env })).toMatchObject({ code: 1, out: '' });
    const { code, out } = await place.sapa(['doctor'], { env });
    expect(code).toBe(1);
    expect(out).toMatch(/broken\s+store .*MONGODB_URI/);
  });

  it('lets the doctor find key files that others can read', SLOW, async () => {
    mkdirSync(place.dataDir, { recursive: true });
    const file = join(place.dataDir, 'admin-key');
    writeFileSync(file, 'an admin key that is long enough\n');
    chmodSync(file, 0o644);
    const { code, out } = await place.sapa(['doctor', '--json']);
    expect(code).toBe(1);
    const report = JSON.parse(out) as {
      ok: boolean;
      checks: { check: string; state: string; detail: string }[];
    };
    expect(report.ok).toBe(false);
    expect(report.checks.find(({ check }) => check === 'data')).toMatchObject({ state: 'broken' });
    expect(report.checks.find(({ check }) => check === 'store')).toMatchObject({ state: 'ok' });
    expect(out).toContain('chmod 600');
    expect(out).not.toContain('long enough');
  });
});
