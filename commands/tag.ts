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
import { quote } from '../src/lib/text/excerpt.js';
import { fitsButton } from '../src/lib/text/fits-button.js';
import { shortId } from '../src/lib/ids/short-id.js';
import { personName, askForContact, whoOption } from './shared/contact-line.js';

const LONGEST_TAG = 60;
/** How many contacts to search for tag suggestions. */
const LOOKED_AT = 200;

type Context = CommandContext<{ readonly contacts: ContactDesk }>;

const options = {
  ...whoOption,
  tags: { type: 'text', maxLength: 600, description: 'command.tag.tags' },
} as const;
const requiredOptions = { ...options, tags: { ...options.tags, required: true } } as const;

const add = defineSubcommand({
  description: 'command.tag.add',
  options,
  suggest: { tags: suggestTags },
  async run(context: Context, { who, tags }) {
    if (who === undefined) return askForContact(context);
    if (tags === undefined) return tagsOf(context.t, who);
    // "-vip" removes the tag.
    const [additions, removals] = partition(tagsIn(tags), (each) => !/^[-−]./.test(each));
    return change(
      context,
      who,
      additions,
      removals.map((each) => each.slice(1).trim()),
    );
  },
});

const remove = defineSubcommand({
  description: 'command.tag.remove',
  options: requiredOptions,
  suggest: { tags: suggestTags },
  run: async (context: Context, { who, tags }) =>
    who === undefined ? askForContact(context) : change(context, who, [], tagsIn(tags)),
});

/** `/tag Ani vip, -new`, or `/tag vip` for the person being answered here; without tags it shows theirs. */
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
    const attended =
      conversation.attends && (await scope.conversations.get(conversation.attends.conversationId));
    const contact = attended && (await scope.contacts.get(attended.contactId));
    return contact === undefined ? { text: t('command.contact.whom') } : tagsOf(t, contact);
  },
});

function list(context: Context, contact: Contact | undefined): CommandReply {
  return contact === undefined ? askForContact(context) : tagsOf(context.t, contact);
}

function tagsOf(t: Context['t'], contact: Contact): CommandReply {
  const tags = contact.tags.map((each) => quote(each, LONGEST_TAG)).join(', ');
  return { text: t('command.tag.of', { name: personName(contact), count: contact.tags.length, tags }) };
}

function tagsIn(input: string): readonly string[] {
  return input
    .split(/[,\n]/)
    .map((each) => each.trim().replace(/^\+/, ''))
    .filter((each) => each !== '');
}

/** "#-vip" stands for the tag "-vip" itself. */
function withoutMark(tag: string): string {
  return tag.replace(/^#/, '');
}

function partition<Item>(
  items: readonly Item[],
  isFirst: (item: Item) => boolean,
): readonly [readonly Item[], readonly Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

async function change(
  context: Context,
  contact: Contact,
  additions: readonly string[],
  removals: readonly string[],
): Promise<CommandReply> {
  const { t, scope, services } = context;
  const [add, remove] = [additions.map(withoutMark), removals.map(withoutMark)];
  const tags = [...add, ...remove];
  if (tags.length === 0 || tags.some((each) => each === '' || each.length > LONGEST_TAG)) {
    return { text: t('command.tag.wrong', { longest: LONGEST_TAG }) };
  }
  const changed = await services.contacts.tag(scope, contact, { add, remove });
  return { ...tagsOf(t, changed), ...undoButton(t('button.undo'), contact, changed) };
}

/** Undoes only what actually changed. */
function undoButton(label: string, before: Contact, after: Contact): Pick<CommandReply, 'buttons'> {
  const literally = (tag: string): string => (/^[-−+#]/.test(tag) ? `#${tag}` : tag);
  const changes = [
    ...before.tags.filter((tag) => !after.tags.includes(tag)).map(literally),
    ...after.tags.filter((tag) => !before.tags.includes(tag)).map((tag) => `-${literally(tag)}`),
  ];
  const action = `/tag add ${shortId(before.id)} ${changes.join(', ')}`;
  if (changes.length === 0 || !fitsButton(action)) return {};
  return { buttons: [[{ label, action }]] };
}

/** Suggests tags of the newest contacts, the most used first. */
async function suggestTags({ scope, typed }: SuggestionContext): Promise<readonly Suggestion[]> {
  const { items } = await scope.contacts.list({}, { limit: LOOKED_AT });
  const counts = new Map<string, number>();
  for (const each of items.flatMap(({ tags }) => tags)) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts]
    .filter(([name]) => name.toLowerCase().includes(typed.toLowerCase()))
    .sort(([, a], [, b]) => b - a)
    .map(([name]) => ({ value: name, label: name }));
}
