import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runEntry } from '../e2e/support/start-sapa.js';
import { openWorkplace, type Workplace } from './run-sapa.js';

const SLOW = { timeout: 240_000 };
const RAW = /ENOENT|EEXIST|expected string|received undefined|incorrect header|Mongo[A-Z]|\n\s+at /;
let place: Workplace;

beforeAll(async () => {
  place = await openWorkplace();
  await place.json(['tenants', 'create', 'shop', '--name', 'Toko Uji', '--locale', 'id']);
}, 120_000);
afterAll(() => place.remove());

describe('the command line', () => {
  it('creates a business in the given language, and changes only the given settings', SLOW, async () => {
    const set = ['tenants', 'set', 'shop'];
    const updated = await place.json([...set, '--tone', 'formal', '--timezone', 'Asia/Makassar']);
    expect(updated['settings']).toMatchObject({
      name: 'Toko Uji',
      locale: 'id',
      tone: 'formal',
      timezone: 'Asia/Makassar',
    });
    const file = join(place.folder, 'settings.json');
    await writeFile(file, '{"knowledge":{"top_k":3},"name":"From the file"}');
    const more = await place.json([...set, '--settings', file, '--name', 'Toko', '--locale', 'en']);
    expect(more['settings']).toMatchObject({
      name: 'Toko',
      locale: 'en',
      tone: 'formal',
      knowledge: { top_k: 3, prompt_tokens: 8_000 },
    });
    expect(await place.sapa(set)).toMatchObject({ code: 2, out: '' });
    expect(await place.sapa([...set, '--timezone', 'Nowhere'])).toMatchObject({ code: 2, out: '' });
    expect(await place.sapa(['tenants', 'set', 'none', '--name', 'x'])).toMatchObject({ code: 1, out: '' });
  });

  it('removes a document, which is then no longer found', SLOW, async () => {
    const of = ['--tenant', 'shop'];
    await place.json([
      'kb',
      'add',
      ...of,
      '--id',
      'hats',
      '--title',
      'Hats',
      '--text',
      'Hats cost Rp 50.000.',
    ]);
    expect(await place.json(['kb', 'remove', 'hats', ...of])).toEqual({ removed: 'hats' });
    expect(await place.json(['kb', 'search', 'hats', ...of])).toEqual({ hits: [] });
    expect(await place.sapa(['kb', 'remove', 'hats', ...of])).toMatchObject({ code: 1, out: '' });
  });

  it('lists FAQ entries and removes one of them', SLOW, async () => {
    const of = ['--tenant', 'shop'];
    const csv = 'question,answer\nDo you sell umbrellas?,Yes.\nAre you open on Sunday?,No.\n';
    expect((await place.sapa(['faq', 'import', '-', ...of], { input: csv })).code).toBe(0);
    const list = async () => (await place.json(['faq', 'list', ...of]))['items'] as Record<string, unknown>[];
    const umbrellas = (await list()).find(({ question }) => question === 'Do you sell umbrellas?');
    expect(umbrellas).toMatchObject({ answer: 'Yes.', locale: 'en' });
    const id = String(umbrellas?.['id']);
    expect((await place.sapa(['faq', 'remove', id, ...of])).out).toContain('Do you sell umbrellas?');
    expect(await list()).toMatchObject([{ question: 'Are you open on Sunday?' }]);
    expect(await place.sapa(['faq', 'remove', id, ...of])).toMatchObject({ code: 1, out: '' });
  });

  it('explains errors in the requested language, and never with system error codes', SLOW, async () => {
    const plain = join(place.folder, 'plain.txt');
    await writeFile(plain, 'not an export');
    const indonesian = ['--locale', 'id'];
    const errorOf = async (words: readonly string[]): Promise<string> => {
      const { code, err } = await place.sapa(words);
      expect(code).toBeGreaterThan(0);
      expect(err).not.toMatch(RAW);
      return err;
    };
    expect(await errorOf(['tenants', 'restore', 'nowhere', ...indonesian])).toContain('tidak ada');
    expect(await errorOf(['tenants', 'restore', plain, ...indonesian])).toContain('bukan hasil ekspor');
    expect(await errorOf(['store', 'restore', 'nowhere'])).toContain('does not exist');
    expect(await errorOf(['backup', plain])).toContain(plain);
    expect(await errorOf(['tenants', 'create', 'other'])).toContain('name: is missing');
    expect(await errorOf(['channels', 'add', 'discord', '--tenant', 'shop', ...indonesian])).toContain(
      'token: belum diisi',
    );
  });

  it('reports in one line that MongoDB is unavailable, as the service does', SLOW, async () => {
    const env = { MONGODB_URI: 'mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=500' };
    const verb = await place.sapa(['tenants', 'list', '--locale', 'id'], { env });
    expect(verb).toMatchObject({ code: 1, out: '' });
    expect(verb.err).toMatch(/^Basis data tidak menjawab\. .*MONGODB_URI.*\n$/);
    const service = await runEntry('src/main.js', { dataDir: place.dataDir, env });
    expect(service).toMatchObject({ code: 1, stdout: '' });
    expect(service.stderr).toMatch(/^.*database does not answer.*MONGODB_URI.*\n$/);
  });

  it('shows the usage of the terminal chat, and runs it in the requested language', SLOW, async () => {
    const { dataDir } = place;
    const help = await runEntry('src/chat.js', { dataDir, args: ['--help'] });
    expect([help.code, help.stdout]).toEqual([0, expect.stringContaining('--tenant')]);
    const wrong = await runEntry('src/chat.js', { dataDir, args: ['--nonsense', '--locale', 'id'] });
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('Argumen tidak dikenal')]);
    const args = ['--tenant', 'shop', '--locale', 'id'];
    const env = { SEED_DEMO: 'false' };
    const chat = await runEntry('src/chat.js', { dataDir, env, args, input: 'halo\n' });
    expect([chat.code, chat.stdout]).toEqual([0, expect.stringMatching(/^Anda › halo\n/)]);
  });
});
