import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCommands } from '../../../commands/index.js';
import type { CommandMenuEntry } from '../../../src/contracts/channel.js';
import { toSlashCommands } from '../../../channels/discord/slash-commands.js';
import { commandMenu } from '../../../src/conversation/index.js';
import { createI18n } from '../../../src/i18n/index.js';
import { runConnection } from '../../support/run-connection.js';
import { waitUntil } from '../../support/wait.js';
import { discordTestbed, type DiscordTestbed } from './testbed.js';

const entry = (name: string, details: Partial<CommandMenuEntry> = {}): CommandMenuEntry => ({
  name,
  audience: 'everyone',
  description: { en: `About ${name}`, id: `Tentang ${name}` },
  options: [],
  subcommands: [],
  ...details,
});
const option = (name: string, details: Partial<CommandMenuEntry['options'][number]> = {}) =>
  ({
    name,
    type: 'text',
    description: { en: name, id: name },
    required: false,
    suggests: false,
    ...details,
  }) as const;

describe('slash commands', () => {
  let bed: DiscordTestbed;
  let connection: ReturnType<typeof runConnection>;
  beforeEach(async () => {
    bed = await discordTestbed();
  });
  afterEach(async () => {
    await connection.stop();
    await bed.close();
  });
  async function open(menu: readonly CommandMenuEntry[]): Promise<void> {
    connection = runConnection(bed, undefined, { menu });
    await waitUntil(connection.isOpen);
  }
  const registrations = () => bed.app.journal.callsTo('PUT', `/applications/${bed.app.id}/commands`);
  const registered = () => bed.app.commands.get('') ?? [];

  it('are registered with options in both languages, and staff commands only for guild managers', async () => {
    await open([
      entry('note', {
        audience: 'staff',
        options: [
          option('who', { type: 'contact', suggests: true }),
          option('copies', { type: 'integer', min: 1, max: 9 }),
          option('text', { required: true, maxLength: 500 }),
          option('kind', {
            type: 'choice',
            choices: [{ value: 'a', label: { en: 'First', id: 'Pertama' } }],
          }),
          option('file', { type: 'file', many: true }),
        ],
      }),
      entry('kb', { subcommands: [entry('add'), entry('list')] }),
    ]);
    const [kb, note] = registered();
    expect(kb).toMatchObject({
      name: 'kb',
      description_localizations: { id: 'Tentang kb' },
      options: [
        { type: 1, name: 'add' },
        { type: 1, name: 'list' },
      ],
    });
    expect(note).toMatchObject({
      default_member_permissions: '32',
      options: [
        { name: 'text', type: 3, required: true, max_length: 500 },
        { name: 'who', type: 3, autocomplete: true },
        { name: 'copies', type: 4, min_value: 1, max_value: 9 },
        { name: 'kind', choices: [{ name: 'First', name_localizations: { id: 'Pertama' }, value: 'a' }] },
        { name: 'file', type: 11 },
        ...[2, 3, 4, 5].map((n) => ({ name: `file_${n}`, type: 11, required: false })),
      ],
    });
  });

  it('are registered again only if they changed', async () => {
    await open([entry('help')]);
    await connection.stop();
    await open([entry('help')]);
    await connection.stop();
    expect(registrations()).toHaveLength(1);
    await open([entry('help'), entry('start')]);
    expect(registrations()).toHaveLength(2);
  });

  it('are at most 100: the rest of 110 become subcommands that work as the commands themselves', async () => {
    await open(Array.from({ length: 110 }, (_, n) => entry(`c${n}`)));
    expect(registered()).toHaveLength(100);
    bed.alice.runs(bed.app, bed.general, 'more', { text: 'x' }, { subcommand: 'c105' });
    await waitUntil(() => connection.accepted.length === 1);
    expect(connection.accepted[0]).toMatchObject({ type: 'command', name: 'c105', options: { text: 'x' } });
    expect('subcommand' in (connection.accepted[0] ?? {})).toBe(false);
  });

  it('are all registered even if there are 300', () => {
    const slash = toSlashCommands(Array.from({ length: 300 }, (_, n) => entry(`c${n}`)));
    expect(slash).toHaveLength(100);
    const names = slash.flatMap((command) => {
      const { name, options } = command as { name: string; options: { name: string }[] };
      return name.startsWith('more') ? options.map((inner) => inner.name) : [name];
    });
    expect(new Set(names).size).toBe(300);
  });

  it('that Discord refuses leave the bot connected, and its state says so', async () => {
    bed.app.faults.add('PUT /applications/:app/commands', {
      status: 400,
      code: 50035,
      message: 'Invalid Form Body',
    });
    await open([entry('help')]);
    expect(connection.states.at(-1)).toMatchObject({
      reason: expect.stringContaining('slash commands were refused') as string,
    });
  });

  it('carry the name of their subcommand', async () => {
    await open([entry('kb', { subcommands: [entry('search')] })]);
    bed.alice.runs(bed.app, bed.general, 'kb', { query: 'price' }, { subcommand: 'search' });
    await waitUntil(() => connection.accepted.length === 1);
    expect(connection.accepted[0]).toMatchObject({
      name: 'kb',
      subcommand: 'search',
      argumentText: 'search price',
    });
  });

  it('of Sapa are all accepted', async () => {
    await open(commandMenu(createCommands({} as never), createI18n({ folder: 'locales' })));
    expect(connection.states.at(-1)).toEqual({ state: 'open' });
    expect(registered().length).toBeGreaterThan(15);
  });
});
