import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { silenceLibsignal } from '../../channels/whatsapp/quiet-libsignal.js';
import { projectRoot } from '../../src/lib/project-root.js';
import { tokenFor } from '../fakes/discord/fake-app.js';
import { startFakeDiscord } from '../fakes/discord/start-fake-discord.js';
import { chatPage, type ShownChat, type ShownMessage } from '../fakes/picture/chat-page.js';
import { startFakeWhatsApp } from '../fakes/whatsapp/start-fake-whatsapp.js';
import { eventually, pause, waitUntil } from '../support/wait.js';
import { startTelegramBusiness } from './support/telegram-business.js';

const TOKEN = tokenFor('1100000000000000006');
const ANI = 7;
const SIZE = { width: 560, height: 200 };
/** After this, in ms, an answer is considered complete. */
const QUIET_MS = 1_500;

const accounts = z.object({
  items: z.array(z.object({ id: z.string(), state: z.string(), qr: z.string().optional() })),
});

/** Takes screenshots for the guides: conversations between the real service and the fake platforms. */
it.runIf(process.env['SAPA_SCREENSHOTS'] === '1')(
  'screenshots of conversations are taken for the guides',
  { timeout: 240_000 },
  async () => {
    silenceLibsignal();
    const [discord, whatsapp] = await Promise.all([startFakeDiscord(), startFakeWhatsApp()]);
    const app = discord.world.app(TOKEN);
    const help = discord.world.textChannel(discord.world.guild('Batik Kawung', app), 'help');
    const desk = discord.world.textChannel([...discord.world.guilds.values()][0] ?? never(), 'staff');
    const business = await startTelegramBusiness({
      env: {
        DISCORD_TOKEN: TOKEN,
        DISCORD_API_BASE: discord.apiBase,
        WHATSAPP_ENABLED: 'true',
        WHATSAPP_WS_URL: whatsapp.url,
        WHATSAPP_MEDIA_HOST: whatsapp.mediaHost,
        WHATSAPP_CA_FILE: whatsapp.caFile,
        WHATSAPP_NOISE_ROOT: whatsapp.noiseRoot,
      },
    });
    await business.changeSettings({
      locale: 'en',
      handover: { inbox: { channel: 'discord', account_id: 'demo-discord', chat_id: desk.id } },
    });
    const browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox'],
    });
    try {
      const ani = discord.world.member('ani');
      await waitUntil(() => app.gateway.isConnected);
      const inDiscord = (channel: string): readonly ShownMessage[] =>
        app.journal
          .messages(channel)
          .filter(({ flags }) => (flags & 128) === 0)
          .map(({ content, components }) => ({
            from: 'bot',
            text: content,
            buttons: components.flatMap((row) => row.components.map(({ label }) => label ?? '')),
          }));
      const onDiscord = await played(
        ['@Sapa do you ship to Surabaya, and how much is it?', '/human'],
        (line) =>
          void (line.startsWith('/')
            ? ani.runs(app, help, 'human')
            : ani.mentions(app, help, line.replace('@Sapa ', ''))),
        () => inDiscord(help.id),
      );
      const ari = business.person(ANI, 'Ari');
      const onTelegram = await played(
        ['what are your opening hours?', 'can I exchange a shirt?', '/human'],
        (line) => void ari.sends(line),
        () =>
          business.messagesOf(ANI).map(({ text = '', reply_markup: markup }) => ({
            from: 'bot',
            text,
            buttons: (markup?.inline_keyboard ?? []).flat().map((button) => button.text),
          })),
      );
      const thread = await eventually(
        () =>
          [...discord.world.channels.values()].find(
            ({ parentId, name }) => parentId === desk.id && name?.includes('Ari') === true,
          ),
        (state) => state !== undefined,
      );
      const sari = discord.world.member('sari');
      const inThread = await played(
        ['Hello Ari, this is Sari. Which size do you need?'],
        (line) => {
          sari.writes(thread ?? never(), line);
          setTimeout(() => ari.sends('An L instead of the M, please'), 500);
        },
        () => inDiscord(thread?.id ?? ''),
      );
      const phone = whatsapp.world.phone('6281100000001', 'Batik Kawung');
      const alice = whatsapp.world.person('6281200000002', 'Alice');
      const account = async () => {
        const { text } = await business.shop.call('GET', '/v1/tenants/demo/channels');
        return accounts.parse(JSON.parse(text)).items.find(({ id }) => id === 'demo-whatsapp');
      };
      await phone.scans((await eventually(account, (state) => state?.qr !== undefined))?.qr ?? '');
      await eventually(account, (state) => state?.state === 'open');
      const onWhatsApp = await played(
        ['ongkir ke Makassar berapa?', 'bisa bayar pakai qris?'],
        (line) => void alice.writes(phone, line),
        () =>
          alice.sees(phone).map(({ message }) => ({
            from: 'bot',
            text: message.extendedTextMessage?.text ?? message.conversation ?? '',
          })),
      );
      await take({ platform: 'discord', title: '# help', person: 'Ani', messages: onDiscord }, 'discord');
      await take(
        { platform: 'discord', title: 'Ari · telegram', person: 'Sari', messages: inThread },
        'discord-thread',
      );
      await take(
        { platform: 'telegram', title: 'Batik Kawung', person: 'Ari', messages: onTelegram },
        'telegram',
      );
      await take(
        { platform: 'whatsapp', title: 'Batik Kawung', person: 'Alice', messages: onWhatsApp },
        'whatsapp',
      );
      expect([onDiscord, onTelegram, onWhatsApp].every((messages) => messages.length >= 4)).toBe(true);
    } finally {
      await browser.close();
      await business.close();
      await Promise.all([discord.close(), whatsapp.close()]);
    }

    async function take(chat: ShownChat, name: string): Promise<void> {
      await mkdir(join(projectRoot, 'docs/images'), { recursive: true });
      const page = await browser.newPage({ viewport: SIZE, deviceScaleFactor: 1.5 });
      await page.setContent(chatPage(chat));
      await page.screenshot({ path: join(projectRoot, `docs/images/${name}.png`), fullPage: true });
      await page.close();
    }
  },
);

/** Says each line and interleaves the lines with what the bot shows after each. */
async function played(
  lines: readonly string[],
  say: (line: string) => void,
  messagesShown: () => readonly ShownMessage[],
): Promise<readonly ShownMessage[]> {
  const messages: ShownMessage[] = [...messagesShown()];
  for (const line of lines) {
    const before = messagesShown().length;
    say(line);
    messages.push({ from: 'person', text: line });
    await eventually(
      () => messagesShown().length,
      (count) => count > before,
    );
    await pause(QUIET_MS);
    messages.push(...messagesShown().slice(before));
  }
  return messages;
}

function never(): never {
  throw new Error('it is not there');
}
