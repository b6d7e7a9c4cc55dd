import {
  defineCommand,
  defineSubcommand,
  type CommandContext,
  type CommandReply,
  type SuggestionContext,
} from '../src/contracts/command.js';
import type { Suggestion } from '../src/contracts/channel.js';
import type { ContactDesk } from '../src/contracts/contact-desk.js';
import type { Contact } from '../src/contracts/stores.js';
import { quote } from '../src/lib/excerpt.js';
import { shortId } from '../src/lib/short-id.js';
import { personName, whoIsMeant, whoOption } from './shared/contact-line.js';

const LONGEST_TAG = 60;
const MAX_ACTION_BYTES = 64;
/** Contacts whose tags are suggested. */
const LOOKED_AT = 200;

type Context = CommandContext<{ readonly contacts: ContactDesk }>;

const options = {
  ...whoOption,
  tags: { type: 'text', required: true, maxLength: 600, description: 'command.tag.tags' },
} as const;

const add = defineSubcommand({
  description: 'command.tag.add',
  options,
  suggest: { tags: suggestTags },
  run: (context: Context, { who, tags }) => change(context, who, 'add', tags),
});

const remove = defineSubcommand({
  description: 'command.tag.remove',
  options,
  suggest: { tags: suggestTags },
  run: (context: Context, { who, tags }) => change(context, who, 'remove', tags),
});

/** `/tag Ani vip`, or `/tag vip` of who is answered from this chat. */
export const tag = defineCommand({
  name: 'tag',
  audience: 'staff',
  description: 'command.tag.description',
  options: {},
  otherwise: 'add',
  subcommands: {
    add,
    remove,
    list: defineSubcommand({
      description: 'command.tag.list',
      options: whoOption,
      run: (context: Context, { who }) => Promise.resolve(list(context, who)),
    }),
  },
  run: async ({ t, scope, conversation }: Context) => {
    const here = conversation.attends && (await scope.conversations.get(conversation.attends.conversationId));
    const who = here && (await scope.contacts.get(here.contactId));
    return who === undefined ? { text: t('command.contact.whom') } : tagsOf(t, who);
  },
});

function list(context: Context, who: Contact | undefined): CommandReply {
  return who === undefined ? whoIsMeant(context) : tagsOf(context.t, who);
}

function tagsOf(t: Context['t'], who: Contact): CommandReply {
  const tags = who.tags.map((each) => quote(each, LONGEST_TAG)).join(', ');
  return { text: t('command.tag.of', { name: personName(who), count: who.tags.length, tags }) };
}

async function change(
  context: Context,
  who: Contact | undefined,
  verb: 'add' | 'remove',
  input: string,
): Promise<CommandReply> {
  const { t, scope, services } = context;
  if (who === undefined) return whoIsMeant(context);
  const tags = input
    .split(/[,\n]/)
    .map((each) => each.trim().replace(/^#/, ''))
    .filter((each) => each !== '');
  const tooLong = tags.find((each) => each.length > LONGEST_TAG);
  if (tags.length === 0 || tooLong !== undefined) {
    return { text: t('command.tag.wrong', { longest: LONGEST_TAG }) };
  }
  const contact = await services.contacts.tag(scope, who, { [verb]: tags });
  const undo = `/tag ${verb === 'add' ? 'remove' : 'add'} ${shortId(who.id)} ${tags.join(', ')}`;
  const isShort = Buffer.byteLength(undo) <= MAX_ACTION_BYTES;
  return {
    ...tagsOf(t, contact),
    ...(isShort ? { buttons: [[{ label: t('button.undo'), action: undo }]] } : {}),
  };
}

/** Tags of the newest contacts, the most used first. */
async function suggestTags({ scope, typed }: SuggestionContext): Promise<readonly Suggestion[]> {
  const { items } = await scope.contacts.list({}, { limit: LOOKED_AT });
  const counts = new Map<string, number>();
  for (const each of items.flatMap(({ tags }) => tags)) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts]
    .filter(([name]) => name.toLowerCase().includes(typed.toLowerCase()))
    .sort(([, a], [, b]) => b - a)
    .map(([name]) => ({ value: name, label: name }));
}
