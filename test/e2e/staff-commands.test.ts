import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenFor, type FakeApp } from '../fakes/discord/fake-app.js';
import type { FakeMember } from '../fakes/discord/fake-member.js';
import { startFakeDiscord, type FakeDiscord } from '../fakes/discord/start-fake-discord.js';
import type { FakeChannel } from '../fakes/discord/types.js';
import { eventually, waitUntil } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { startTelegramBusiness, type TelegramBusiness } from './support/telegram-business.js';

bePatient();

const TOKEN = tokenFor('1100000000000000012');
const SARI = 31;
const BUDI = 32;

let discord: FakeDiscord;
let app: FakeApp;
let general: FakeChannel;
let business: TelegramBusiness;
let sari: FakeMember;
beforeAll(async () => {
  discord = await startFakeDiscord();
  app = discord.world.app(TOKEN);
  general = discord.world.textChannel(discord.world.guild('Kawung', app), 'general');
  sari = discord.world.member('sari');
  business = await startTelegramBusiness({
    staff: [SARI],
    env: { DISCORD_TOKEN: TOKEN, DISCORD_API_BASE: discord.apiBase },
  });
  await business.changeSettings({
    staff: [
      { channel: 'telegram', user_id: String(SARI) },
      { channel: 'discord', user_id: sari.user.id },
    ],
  });
  await business.greets(BUDI, 'Budi');
  await waitUntil(() => app.gateway.isConnected);
}, 120_000);
afterAll(async () => {
  await business.close();
  await discord.close();
});

/** What a member sees on Discord after a slash command, with their language set to `locale`. */
async function onDiscord(
  member: FakeMember,
  locale: string,
  [name, subcommand]: readonly [name: string, subcommand?: string],
  values: Readonly<Record<string, string>> = {},
): Promise<string> {
  const before = app.journal.texts(general.id).length;
  member.runs(app, general, name, values, { locale, ...(subcommand === undefined ? {} : { subcommand }) });
  const texts = await eventually(
    () => app.journal.texts(general.id).slice(before),
    ({ length }) => length > 0,
  );
  return texts.join('\n');
}

async function onTelegram(id: number, line: string): Promise<string> {
  const before = business.textsOf(id).length;
  business.person(id).sends(line);
  const texts = await eventually(
    () => business.textsOf(id).slice(before),
    ({ length }) => length > 0,
  );
  return texts.join('\n');
}

describe('contacts, follow-ups and reports in chat', () => {
  it('are managed with Discord slash commands in English and Indonesian', async () => {
    const staff = (command: readonly [string, string?], values?: Readonly<Record<string, string>>) =>
      onDiscord(sari, 'en-US', command, values);
    expect(await staff(['tag', 'add'], { who: 'Budi', tags: 'gold, new' })).toContain('gold, new');
    expect(await staff(['tag', 'add'], { who: 'Budi', tags: 'vip, -new' })).toContain('gold, vip');
    expect(await staff(['note'], { who: 'Budi', text: 'takes it black' })).toContain('takes it black');
    expect(await staff(['contact'], { who: 'Budi' })).toContain('1 note');
    const planned = await staff(['followup', 'add'], { who: 'Budi', when: 'every 31st', message: 'Rent' });
    expect(planned).toContain('telegram: on the last day of every month at 09:00');
    expect(await staff(['report'], { date: '2026-W47' })).toContain('Report of the week November 16');

    const staf = (command: readonly [string, string?], values?: Readonly<Record<string, string>>) =>
      onDiscord(sari, 'id', command, values);
    await staf(['language'], { language: 'id' });
    expect(await staf(['followup', 'list'])).toContain('di hari terakhir setiap bulan');
    expect(await staf(['report'], { date: 'minggu lalu' })).toContain('Laporan minggu');
    expect(await staf(['note'], { who: 'Budi' })).toContain('Catatan tentang');
  });

  it('are managed with the same lines on Telegram', async () => {
    expect(await onTelegram(SARI, '/tag Budi silver, -gold')).toContain('vip, silver');
    expect(await onTelegram(SARI, '/tag Budi')).toContain('vip, silver');
    expect(await onTelegram(SARI, '/report 2026-W47')).toContain('Report of the week November 16');
    await onTelegram(SARI, '/language id');
    expect(await onTelegram(SARI, '/followup Budi setiap tanggal 30 bayar sewa')).toContain(
      'setiap tanggal 30, di bulan yang punya tanggal itu',
    );
    expect(await onTelegram(SARI, '/report besok')).toContain('Saya tidak bisa membuat laporan');
  });

  it('are available to staff alone on either platform', async () => {
    const customer = discord.world.member('tamu');
    const { text: before } = await business.shop.call('GET', '/contacts?query=Budi');
    expect(await onDiscord(customer, 'id', ['tag', 'add'], { who: 'Budi', tags: 'mine' })).toMatch(/staf/);
    expect(await onDiscord(customer, 'en-US', ['report'])).toMatch(/staff|staf/);
    for (const line of ['/tag Budi mine', '/note Budi x', '/followup Budi in 2 hours x', '/contact Budi'])
      expect(await onTelegram(BUDI, line)).toContain('only for our staff');
    const { text: after } = await business.shop.call('GET', '/contacts?query=Budi');
    expect(after.replace(/"last_seen_at":"[^"]*"|"updated_at":"[^"]*"/g, '')).toBe(
      before.replace(/"last_seen_at":"[^"]*"|"updated_at":"[^"]*"/g, ''),
    );
  });
});
