import { defineCommand, type CommandContext, type CommandReply } from '../src/contracts/command.js';
import type { ContactDesk, SetFacts } from '../src/contracts/contact-desk.js';
import type { FollowUpPlanner } from '../src/contracts/follow-up-planner.js';
import type { Contact } from '../src/contracts/stores.js';
import { quote } from '../src/lib/text/excerpt.js';
import { fitsButton } from '../src/lib/text/fits-button.js';
import { shortId } from '../src/lib/ids/short-id.js';
import { describeMoment } from '../src/lib/time/when/index.js';
import { personName, plainName, whoOption } from './shared/contact-line.js';
import { readFacts } from './shared/read-facts.js';

/** How many of the newest contacts to offer if none was named. */
const OFFERED = 8;
const SHOWN_VALUE = 200;
const LONGEST_FACTS = 4_000;

export interface NeedsContacts {
  readonly contacts: ContactDesk;
  readonly planner: FollowUpPlanner;
}
type Context = CommandContext<NeedsContacts>;

/** Shows everything known about a person; with `field=value` it stores a fact. */
export const contact = defineCommand({
  name: 'contact',
  audience: 'staff',
  description: 'command.contact.description',
  options: {
    ...whoOption,
    set: { type: 'text', multiline: true, maxLength: LONGEST_FACTS, description: 'command.contact.set' },
  },
  async run(context: Context, { who, set }) {
    if (who === undefined) return offerNewest(context);
    if (set === undefined) return show(context, who);
    const facts = readFacts(set);
    if (facts === undefined)
      return { text: context.t('command.contact.notAFact', { typed: quote(set, 60) }) };
    return outcomeReply(context, who, await context.services.contacts.set(context.scope, who, facts), facts);
  },
});

async function offerNewest({ t, scope }: Context): Promise<CommandReply> {
  const { items } = await scope.contacts.list({}, { limit: OFFERED });
  if (items.length === 0) return { text: t('command.contact.nobody') };
  const buttons = items.map((each) => [
    { label: plainName({ ...nothing, ...each }).slice(0, 60), action: `/contact ${shortId(each.id)}` },
  ]);
  return { text: t('command.contact.whom'), buttons };
}

const nothing = { name: undefined, phone: undefined, email: undefined };

async function show(context: Context, contact: Contact): Promise<CommandReply> {
  const { t, scope, locale, services } = context;
  const [conversations, notes, waiting] = await Promise.all([
    scope.conversations.directOf(contact),
    scope.contacts.notes(contact, { limit: 50 }),
    services.planner.waiting(scope, contact),
  ]);
  const id = shortId(contact.id);
  const value = (text: string): string => quote(text, SHOWN_VALUE);
  const lines = [
    ...(contact.phone === undefined ? [] : [`${t('command.contact.phone')}: ${value(contact.phone)}`]),
    ...(contact.email === undefined ? [] : [`${t('command.contact.email')}: ${value(contact.email)}`]),
    ...(contact.tags.length === 0
      ? []
      : [`${t('command.contact.tags')}: ${contact.tags.map(value).join(', ')}`]),
    ...Object.entries(contact.fields).map(([name, field]) => `${value(name)}: ${value(String(field))}`),
    ...(contact.locale === undefined ? [] : [t('command.contact.language', { locale: contact.locale })]),
    ...(contact.lastSeenAt === undefined
      ? []
      : [
          `${t('command.contact.lastSeen')}: ${describeMoment(contact.lastSeenAt, scope.settings.timezone, locale)}`,
        ]),
    ...conversations.map((each) =>
      t('command.contact.conversation', { channel: each.channel, id: shortId(each.id), mode: each.mode }),
    ),
    t('command.contact.counts', { notes: notes.items.length, followUps: waiting.length }),
    ...(contact.isStaff ? [t('command.contact.isStaff')] : []),
    ...(contact.optedOut ? [t('command.contact.optedOut')] : []),
  ];
  const [conversation] = conversations;
  const buttons = [
    ...(conversation === undefined
      ? []
      : [[{ label: t('button.takeOver'), action: `/takeover ${shortId(conversation.id)}` }]]),
    [
      { label: t('button.notes'), action: `/note ${id}` },
      { label: t('button.followUps'), action: `/followup list ${id}` },
    ],
  ];
  const text = [`**${personName(contact)}** · \`${id}\``, ...lines.map((line) => `- ${line}`)].join('\n');
  return { text, buttons };
}

function outcomeReply(
  { t }: Context,
  contact: Contact,
  outcome: SetFacts,
  facts: Readonly<Record<string, string>>,
): CommandReply {
  switch (outcome.type) {
    case 'set': {
      const lines = Object.entries(facts).map(([name, value]) =>
        value.trim() === ''
          ? t('command.contact.forgotten', { field: quote(name, 60) })
          : `${quote(name, 60)}: ${quote(spelled(outcome.contact, name, value), SHOWN_VALUE)}`,
      );
      const heading = t('command.contact.saved', { name: personName(outcome.contact) });
      return {
        text: [heading, ...lines.map((line) => `- ${line}`)].join('\n'),
        buttons: undoButton(t('button.undo'), contact, facts),
      };
    }
    case 'wrong': {
      const { field, problem, choices = [] } = outcome;
      const choiceList = choices.map((choice) => quote(choice, 60)).join(', ');
      return {
        text: t('command.contact.wrong', {
          field: quote(field, 60),
          value: quote(facts[field] ?? '', 60),
          problem: problem.replace('-', '_'),
          choices: choiceList,
        }),
      };
    }
    case 'taken': {
      const { field, other, offerId } = outcome;
      const id = shortId(other.id);
      const message = t('command.contact.taken', { field, name: personName(other), id });
      const merge = { label: t('button.merge'), action: `/suggestions ${offerId ?? ''} yes` };
      return {
        text: offerId === undefined ? message : `${message} ${t('command.contact.offerMerge')}`,
        buttons: [
          ...(offerId === undefined ? [] : [[merge]]),
          [{ label: plainName({ ...nothing, ...other }).slice(0, 60), action: `/contact ${id}` }],
        ],
      };
    }
    default:
      return outcome satisfies never;
  }
}

/** The value as stored: phone numbers in E.164, choices in the spelling of the business. */
function spelled({ phone, fields }: Contact, name: string, input: string): string {
  const field = fields[name];
  if (field !== undefined) return String(field);
  return phone !== undefined && /^\+?[\d\s().-]{6,}$/.test(input) ? phone : input.trim();
}

function undoButton(
  label: string,
  before: Contact,
  facts: Readonly<Record<string, string>>,
): NonNullable<CommandReply['buttons']> {
  const [name, ...more] = Object.keys(facts);
  if (name === undefined || more.length > 0) return [];
  const builtIn = { name: before.name, phone: before.phone, email: before.email }[name.toLowerCase()];
  const value = String(before.fields[name] ?? builtIn ?? '');
  const fact = `${name}=${value}`;
  // An old value such as "red; size=M" would be read as several facts.
  if (readFacts(fact)?.[name] !== value) return [];
  const action = `/contact ${shortId(before.id)} ${fact}`;
  return fitsButton(action) ? [[{ label, action }]] : [];
}
