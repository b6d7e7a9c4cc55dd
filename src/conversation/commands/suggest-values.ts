import type { Suggestion, SuggestionRequest } from '../../contracts/channel.js';
import type { Command, CommandAction, SuggestValues } from '../../contracts/command.js';
import type { I18n } from '../../contracts/i18n.js';
import type { Locale } from '../../contracts/message.js';
import { allItems, type TenantScope } from '../../contracts/stores.js';
import { shortId } from '../../lib/ids/short-id.js';
import { isStaffMember } from '../is-staff.js';

/** The lowest platform limit. */
const MOST_SUGGESTIONS = 25;
const LONGEST_LABEL = 100;
/** Conversations searched for a name. */
const SEARCHED_CONVERSATIONS = 200;

/** Suggests option values while people type, to those who may use the command. */
export function createSuggestValues(deps: {
  readonly commands: readonly Command[];
  readonly i18n: I18n;
}): SuggestValues {
  return async (scope, account, request) => {
    const command = deps.commands.find(({ name }) => name === request.command);
    const action = command && actionOf(command, request.subcommand);
    if (command === undefined || action === undefined) return [];
    const { sender } = request;
    const contact = await scope.contacts.ensure({
      channel: account.channel,
      accountId: account.id,
      userId: sender.id,
      ...(sender.name === undefined ? {} : { name: sender.name }),
      at: new Date(),
    });
    const isStaff = isStaffMember(
      scope,
      contact,
      { accountId: account.id, channel: account.channel },
      sender,
    );
    if (command.audience === 'staff' && !isStaff) return [];
    const locale = contact.locale ?? deps.i18n.match(sender.languageTag) ?? scope.settings.locale;
    const suggestions = await suggestionsFor(action, request, scope, locale, deps.i18n);
    return suggestions
      .slice(0, MOST_SUGGESTIONS)
      .map(({ value, label }) => ({ value, label: label.slice(0, LONGEST_LABEL) }));
  };
}

/** Whether an option has suggestions. */
export function hasSuggestions({ options, suggest = {} }: CommandAction, name: string): boolean {
  const type = options[name]?.type;
  return Object.hasOwn(suggest, name) || type === 'contact' || type === 'conversation';
}

function actionOf(command: Command, subcommand: string | undefined): CommandAction | undefined {
  const { subcommands = {} } = command;
  if (subcommand === undefined) return command;
  return Object.hasOwn(subcommands, subcommand) ? subcommands[subcommand] : undefined;
}

async function suggestionsFor(
  { options, suggest = {} }: CommandAction,
  { option: name, typed: typing }: SuggestionRequest,
  scope: TenantScope,
  locale: Locale,
  i18n: I18n,
): Promise<readonly Suggestion[]> {
  const typed = typing.trim();
  const suggester = Object.hasOwn(suggest, name) ? suggest[name] : undefined;
  // The command is already bound to its services.
  if (suggester !== undefined) return suggester({ scope, typed, locale, services: undefined });
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (option?.type === 'choice') {
    const t = i18n.translator(locale);
    return matching(
      option.choices.map(({ value, label }) => ({ value, label: t(label) })),
      typed,
    );
  }
  if (option?.type === 'contact') return contactsLike(scope, typed);
  if (option?.type !== 'conversation') return [];
  const recent = await allItems((page) => scope.conversations.list(page), SEARCHED_CONVERSATIONS);
  return matching(
    recent.map(({ id, title, channel }) => ({ value: id, label: `${title} · ${channel}` })),
    typed,
  );
}

/** Contacts matching any part of a name, number or address; the newest ones before anything is typed. */
async function contactsLike(scope: TenantScope, typed: string): Promise<readonly Suggestion[]> {
  const filter = typed === '' ? {} : { query: typed };
  const { items } = await scope.contacts.list(filter, { limit: MOST_SUGGESTIONS });
  return items.map(({ id, name, phone, email, identities: [identity] }) => ({
    value: id,
    label: [name ?? shortId(id), phone ?? email ?? identity?.channel]
      .filter((part) => part !== undefined)
      .join(' · '),
  }));
}

function matching(all: readonly Suggestion[], typed: string): readonly Suggestion[] {
  const query = typed.toLowerCase();
  return all.filter(({ value, label }) => value === typed || label.toLowerCase().includes(query));
}
