import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../commands/index.js';
import { noModel, openBatikShop } from './support/batik-shop.js';
import { PUSH } from './support/open-conversation.js';

let shop: Awaited<ReturnType<typeof openBatikShop>>;
beforeAll(async () => {
  shop = await openBatikShop();
});
afterAll(() => shop.close());

describe('commands and buttons', () => {
  it.each(commands.filter(({ audience }) => audience === 'staff').map(({ name }) => name))(
    'tell a customer who writes /%s that it is for staff, and do nothing',
    async (name) => {
      const scope = await shop.scope();
      const person = `customer-${name}`;
      const { turn } = await shop.say(`/${name} add a | b`, { models: noModel(), person });
      expect(turn.answer.text).toMatch(/only for our staff/);
      expect(await scope.faq.all()).toHaveLength(1);
      expect((await shop.scope()).settings).toEqual(scope.settings);
      expect((await scope.conversations.get(turn.conversationId))?.mode).toBe('bot');
    },
  );

  it('offer the choices of a command as buttons, or as text where buttons are unsupported', async () => {
    const person = 'chooser';
    const buttons = await shop.say('/language', { models: noModel(), person, capabilities: PUSH });
    expect(buttons.turn.answer.text).not.toContain('/language id');
    expect(buttons.turn.answer.bubbles[0]?.buttons?.flat()).toHaveLength(2);
    const words = await shop.say('/language', { models: noModel(), person });
    expect(words.turn.answer.text).toContain('`/language en`');
    expect(words.turn.answer.text).toContain('`/language id`');
  });

  it('name an unknown command and run nothing', async () => {
    const { turn } = await shop.say('/frobnicate now', { models: noModel() });
    expect(turn.answer).toMatchObject({ source: 'command' });
    expect(turn.answer.text).toContain('/frobnicate');
  });

  it('suggest the nearest command as a button with its arguments, and none for another audience', async () => {
    const near = await shop.say('/langauge id', { models: noModel(), capabilities: PUSH });
    expect(near.turn.answer.text).toContain('/language');
    expect(near.turn.answer.bubbles[0]?.buttons?.flat()[0]?.action).toBe('/language id');
    for (const hidden of ['/teech', '/clam']) {
      const { turn } = await shop.say(hidden, { models: noModel(), person: 'customer' });
      expect(turn.answer.text).not.toMatch(/\/teach|\/claim/);
    }
  });

  it('rate an answer only from within its own conversation', async () => {
    const { turn } = await shop.say('do you accept QRIS', { models: noModel() });
    expect((await shop.press(`rate:up:${turn.id}`)).notice).toMatch(/Thank you/);
    const stranger = await shop.press(`rate:down:${turn.id}`, { person: 'stranger' });
    expect(stranger.notice).toMatch(/no answer to rate/);
    expect((await shop.press('rate:down:t_unknown')).notice).toMatch(/no answer to rate/);
    expect((await shop.press('old-button')).turn.answer.bubbles).toEqual([]);
  });

  it('never run a staff command for a customer who presses its button', async () => {
    const { turn } = await shop.press('/pause', { person: 'stranger' });
    expect(turn.answer.text).toMatch(/only for our staff/);
  });
});
