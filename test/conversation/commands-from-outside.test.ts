import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SuggestionRequest } from '../../src/contracts/channel.js';
import { createCommands } from '../../commands/index.js';
import { commandMenu, createSuggestValues } from '../../src/conversation/index.js';
import { i18n } from '../commands/open-shop.js';
import { noModel, openBatikShop } from './support/batik-shop.js';

let shop: Awaited<ReturnType<typeof openBatikShop>>;
beforeAll(async () => {
  shop = await openBatikShop();
  const { turn } = await shop.say('/start', how);
  await (await shop.scope()).contacts.update(turn.contactId, { isStaff: true });
});
afterAll(() => shop.close());

const how = { models: noModel(), person: 'ratri' } as const;
const EVIL = '[Approve](https://jahat.example/x) @everyone';

describe('a command from a platform that prompts for each option', () => {
  it('runs as if it had been typed', async () => {
    const options = { question: 'Ada parkir | motor?', answer: 'Ada, "gratis".' };
    const { turn } = await shop.command({ name: 'teach', options }, how);
    expect(turn.answer.text).toContain('Learned');
    const [entry] = (await (await shop.scope()).faq.all()).filter(({ question }) =>
      question.includes('parkir'),
    );
    expect(entry).toMatchObject(options);
    const listed = await shop.command({ name: 'faq', subcommand: 'list', options: { page: 1 } }, how);
    expect(listed.turn.answer.text).toContain('2 frequent questions');
  });

  it('reports an invalid option or subcommand', async () => {
    const page = await shop.command({ name: 'faq', subcommand: 'list', options: { page: 0 } }, how);
    expect(page.turn.answer.text).toContain('“page” must be from 1');
    const none = await shop.command({ name: 'kb', subcommand: '__proto__', options: {} }, how);
    expect(none.turn.answer.text).toContain('/kb add');
  });
});

describe('suggestions while typing', () => {
  const ask = async (userId: string, request: Omit<SuggestionRequest, 'chat' | 'sender'>) => {
    const suggest = createSuggestValues({ commands: createCommands(shop.services), i18n });
    return suggest(
      await shop.scope(),
      { id: 'bot', channel: 'telegram' },
      { ...request, chat: { chatId: userId, kind: 'direct' }, sender: { id: userId, isBot: false } },
    );
  };

  it('find documents, entries, conversations and choices by part of their names', async () => {
    const kb = { command: 'kb', subcommand: 'remove', option: 'document' };
    expect(await ask('ratri', { ...kb, typed: 'batik' })).toEqual([
      { value: 'care', label: 'Caring for batik' },
    ]);
    const faq = { command: 'faq', subcommand: 'remove', option: 'entry', typed: 'qris' };
    expect((await ask('ratri', faq))[0]?.label).toBe('Do you accept QRIS?');
    await shop.say('hello', { models: noModel(), person: 'budi' });
    const takeover = await ask('ratri', { command: 'takeover', option: 'conversation', typed: 'bud' });
    expect(takeover[0]?.label).toBe('budi · telegram');
    const language = await ask('budi', { command: 'language', option: 'language', typed: 'indo' });
    expect(language).toEqual([{ value: 'id', label: 'Bahasa Indonesia' }]);
  });

  it('are empty for a customer on staff commands, and for anything that does not exist', async () => {
    expect(await ask('budi', { command: 'kb', subcommand: 'remove', option: 'document', typed: '' })).toEqual(
      [],
    );
    expect(await ask('ratri', { command: 'kb', subcommand: 'constructor', option: 'x', typed: '' })).toEqual(
      [],
    );
    expect(await ask('ratri', { command: 'teach', option: '__proto__', typed: '' })).toEqual([]);
    expect(await ask('ratri', { command: 'nothing', option: 'x', typed: '' })).toEqual([]);
  });
});

describe('the command menu', () => {
  const menu = commandMenu(createCommands({} as never), i18n);

  it('leaves out unlisted commands and options', () => {
    expect(menu.map(({ name }) => name)).not.toContain('claim');
    const kb = menu.find(({ name }) => name === 'kb');
    expect(kb?.subcommands.map(({ name }) => name)).toEqual([
      'list',
      'add',
      'search',
      'test',
      'sources',
      'remove',
    ]);
    expect(kb?.subcommands[1]?.options.map(({ name }) => name)).toEqual([
      'title',
      'text',
      'files',
      'depth',
      'every',
    ]);
  });

  it('describes each option in both languages', () => {
    const teach = menu.find(({ name }) => name === 'teach');
    expect(teach).toMatchObject({ audience: 'staff', description: { en: 'Teach an answer' } });
    expect(teach?.options[1]).toMatchObject({
      name: 'answer',
      type: 'text',
      required: true,
      multiline: true,
      description: { en: 'What the assistant says', id: 'Yang dikatakan asisten' },
    });
  });
});

describe('text written by customers', () => {
  it('contains no live link and no mention when staff read it', async () => {
    const { contact, conversation } = await shop.person(EVIL);
    const scope = await shop.scope();
    await scope.conversations.update(conversation.id, { mode: 'human' });
    await scope.unanswered.record({
      text: `${EVIL} bisa?`,
      locale: 'id',
      conversationId: conversation.id,
      at: new Date(),
    });
    expect(contact.isStaff).toBe(false);
    const read = [
      '/status',
      '/unanswered',
      `/takeover ${conversation.id}`,
      `/takeover ${conversation.id} halo`,
      `/conversation ${conversation.id}`,
      `/pause ${conversation.id}`,
      `/release ${conversation.id}`,
      '/unanswered answer 1 Bisa.',
    ];
    for (const line of read) {
      const { turn } = await shop.say(line, how);
      expect(turn.answer.text, line).toContain('Approve');
      expect(turn.answer.text, line).not.toMatch(/(?<!\\)\[Approve|https:\/\/|@everyone/);
    }
  });

  it('is not listed as an open question when there is nothing in it to answer', async () => {
    for (const noise of ['???', '12345', '...', '@toko', 'hhhhh', '👍']) {
      await shop.say(noise, { models: noModel(), person: 'noisy' });
    }
    const { turn } = await shop.say('/unanswered', how);
    expect(turn.answer.text).toContain('No open questions');
  });
});
