import { describe, expect, it } from 'vitest';
import { discordConfigSchema } from '../../../channels/discord/config.js';
import { decodeDispatch } from '../../../channels/discord/inbound/inbound.js';
import { tokenFor } from '../../fakes/discord/fake-app.js';

const BOT = '1100000000000000009';
const ROLE = '1100000000000000010';
const CONFIG = discordConfigSchema.parse({ token: tokenFor(BOT) });
const NOW = new Date('2026-11-28T10:00:00Z');

/** What a message in a guild becomes; `mentions` as Discord resolves them. */
function decode(content: string, details: object = {}) {
  const message = {
    id: '1500000000000000001',
    channel_id: '1300000000000000001',
    guild_id: '1400000000000000001',
    author: { id: '1200000000000000001', username: 'ani' },
    type: 0,
    content,
    mentions: [],
    ...details,
  };
  const known = { botId: BOT, botRoleIds: [ROLE] };
  const reception = decodeDispatch({ t: 'MESSAGE_CREATE', s: 1, d: message, known }, CONFIG, NOW);
  if (reception.type !== 'event') throw new Error(reception.reason);
  return reception.event;
}

const toBot = { mentions: [{ id: BOT, username: 'Sapa' }] };
const toRole = { mention_roles: [ROLE] };

describe('a Discord message', () => {
  it.each([
    [`<@${BOT}> are you open?`, toBot],
    [`<@!${BOT}>, are you open?`, toBot],
    [`<@&${ROLE}> are you open?`, toRole],
  ])('is meant for the bot and read without the mention: %s', (content, details) => {
    expect(decode(content, details)).toMatchObject({
      addressed: true,
      parts: [{ type: 'text', text: 'are you open?' }],
    });
  });

  it.each([
    [`<@${BOT}> /help`, toBot],
    [`<@&${ROLE}> /help`, toRole],
    [`<@${BOT}> </help:1600000000000000001>`, toBot],
  ])('may be a command after the mention: %s', (content, details) => {
    expect(decode(content, details)).toMatchObject({ type: 'command', name: 'help', addressed: true });
  });

  it.each([
    ['see you <t:1764324000:R>', 'see you 2025-11-28 10:00 UTC'],
    ['at <t:1764324000>?', 'at 2025-11-28 10:00 UTC?'],
    ['what does </order status:1600000000000000001> do?', 'what does /order status do?'],
    ['nice <:batik:1600000000000000001><a:wave:1600000000000000002>', 'nice :batik::wave:'],
    ['ask <@1200000000000000002>', 'ask @Budi'],
    ['<@&1600000000000000001> anyone?', '<@&1600000000000000001> anyone?'],
    ['<t:99999999999999999999>', '<t:99999999999999999999>'],
  ])('is read as people see it: %s', (content, text) => {
    const details = { mentions: [{ id: '1200000000000000002', username: 'budi', global_name: 'Budi' }] };
    expect(decode(content, details)).toMatchObject({ parts: [{ type: 'text', text }] });
  });
});
