import type { FindAccount, Outreach } from '../../contracts/chat.js';
import type {
  ContactSuggestion,
  ContactSuggestions,
  StatedFact,
  SuggestionOutcome,
} from '../../contracts/contact-suggestions.js';
import type { Events } from '../../contracts/events.js';
import type { I18n } from '../../contracts/i18n.js';
import type { Clock } from '../../contracts/runtime.js';
import {
  StoreError,
  type Contact,
  type Page,
  type PageRequest,
  type TenantScope,
} from '../../contracts/stores.js';
import { quote } from '../../lib/text/excerpt.js';
import { derivedId } from '../../lib/ids/make-id.js';
import { contactJson } from '../contact-json.js';
import { staffChats } from '../staff-chats.js';
import { suggestionStore, UNDECIDED, type StoredSuggestion } from './suggestion-store.js';

const MAX_SHOWN_CHARACTERS = 80;

export interface SuggestionDependencies {
  readonly outreach: Outreach;
  readonly findAccount: FindAccount;
  readonly events: Events;
  readonly i18n: Pick<I18n, 'translator'>;
  readonly clock: Clock;
}

export interface Suggestions extends ContactSuggestions {
  /** Asks staff, once, whether to keep what a person said about themselves. */
  suggestFacts(
    scope: TenantScope,
    contact: Contact,
    facts: Readonly<Partial<Record<StatedFact, string>>>,
  ): Promise<void>;
}

/** Keeps suggestions until staff decide, and carries out what they accept. */
export class SuggestionDesk implements Suggestions {
  constructor(private readonly deps: SuggestionDependencies) {}

  async suggestFacts(
    scope: TenantScope,
    contact: Contact,
    facts: Readonly<Partial<Record<StatedFact, string>>>,
  ): Promise<void> {
    for (const field of ['name', 'phone', 'email'] as const) {
      const value = facts[field];
      if (value !== undefined) await this.suggestFact(scope, contact, field, value);
    }
  }

  async offerMerge(
    scope: TenantScope,
    contact: Contact,
    other: Contact,
    field: 'phone' | 'email',
  ): Promise<string | undefined> {
    const { suggestion } = await this.suggestMerge(scope, contact, other, field);
    const stored = await scope.store(suggestionStore).get(suggestion.id);
    return stored?.status === 'open' ? stored.id : undefined;
  }

  async open(
    scope: TenantScope,
    type: ContactSuggestion['type'] | undefined,
    page: PageRequest,
  ): Promise<Page<ContactSuggestion>> {
    const result = await scope.store(suggestionStore).open(type, page);
    const items = await Promise.all(result.items.map((item) => withPeople(scope, item)));
    return { ...result, items: items.filter((item) => item !== undefined) };
  }

  async decide(scope: TenantScope, id: string, accept: boolean): Promise<SuggestionOutcome> {
    const store = scope.store(suggestionStore);
    const stored = await store.get(id);
    const suggestion = stored && (await withPeople(scope, stored));
    if (suggestion === undefined) return { type: 'gone' };
    // Only one of two opposite decisions made at once can take place.
    const decided = accept
      ? await store.move(id, UNDECIDED, 'accepting')
      : await store.move(id, ['open'], 'declined');
    if (decided === undefined) return { type: 'gone' };
    if (!accept) return { type: 'declined' };
    const outcome = await accepted(scope, suggestion, this.deps.events);
    await (outcome.type === 'gone' ? store.withdraw(id) : store.move(id, ['accepting'], 'accepted'));
    return outcome;
  }

  private async suggestFact(
    scope: TenantScope,
    contact: Contact,
    field: StatedFact,
    value: string,
  ): Promise<void> {
    const current = contact[field];
    if (current?.toLowerCase() === value.toLowerCase()) return;
    const [other] = field === 'name' ? [] : await scope.contacts.find({ [field]: value });
    if (field !== 'name' && other !== undefined && other.id !== contact.id) {
      const { suggestion, isNew } = await this.suggestMerge(scope, contact, other, field);
      if (isNew) await tellStaff(this.deps, scope, suggestion);
      return;
    }
    const suggestion: StoredSuggestion = {
      id: derivedId('suggestion', scope.tenantId, 'fact', contact.id, field, value),
      type: 'fact',
      contactId: contact.id,
      field,
      value,
      status: 'open',
      createdAt: this.deps.clock.now(),
    };
    const isNew = await scope.store(suggestionStore).insert(suggestion);
    if (isNew) await tellStaff(this.deps, scope, suggestion);
  }

  private async suggestMerge(
    scope: TenantScope,
    contact: Contact,
    other: Contact,
    field: 'phone' | 'email',
  ): Promise<{ readonly suggestion: StoredSuggestion; readonly isNew: boolean }> {
    const [one = '', two = ''] = [contact.id, other.id].sort();
    const suggestion: StoredSuggestion = {
      id: derivedId('suggestion', scope.tenantId, 'merge', one, two),
      type: 'merge',
      contactId: contact.id,
      otherId: other.id,
      field,
      status: 'open',
      createdAt: this.deps.clock.now(),
    };
    return { suggestion, isNew: await scope.store(suggestionStore).insert(suggestion) };
  }
}

/** Safe to run twice if two people press at once: the second run changes nothing. */
async function accepted(
  scope: TenantScope,
  suggestion: ContactSuggestion,
  events: Events,
): Promise<SuggestionOutcome> {
  if (suggestion.type === 'merge') {
    // The contact already known by this fact is kept and takes over what the other one adds.
    const { contact, other } = suggestion;
    const merged = await scope.contacts.merge(other.id, contact.id);
    if (merged === undefined) return { type: 'gone' };
    await events.emit(scope, 'contact.merged', { ...contactJson(merged), merged_id: contact.id });
    return { type: 'merged', contact: merged };
  }
  const { contact, field, value } = suggestion;
  try {
    const updated = await scope.contacts.update(contact.id, { [field]: value });
    if (updated === undefined) return { type: 'gone' };
    await events.emit(scope, 'contact.updated', contactJson(updated));
    return { type: 'kept', contact: updated, field };
  } catch (error) {
    // Somebody else has the value by now; the next time it is said, a merge is offered.
    if (error instanceof StoreError && error.kind === 'conflict') return { type: 'gone' };
    throw error;
  }
}

async function withPeople(
  scope: TenantScope,
  { id, type, contactId, otherId, field, value, createdAt }: StoredSuggestion,
): Promise<ContactSuggestion | undefined> {
  const [contact, other] = await Promise.all([
    scope.contacts.get(contactId),
    otherId === undefined ? undefined : scope.contacts.get(otherId),
  ]);
  if (contact === undefined) return undefined;
  if (type === 'fact') {
    return value === undefined ? undefined : { id, type, contact, field, value, createdAt };
  }
  if (other === undefined || other.id === contact.id || field === 'name') return undefined;
  return { id, type, contact, other, field, createdAt };
}

async function tellStaff(
  { outreach, findAccount, i18n }: SuggestionDependencies,
  scope: TenantScope,
  stored: StoredSuggestion,
): Promise<void> {
  const suggestion = await withPeople(scope, stored);
  if (suggestion === undefined) return;
  const { id, contact } = suggestion;
  for (const { conversation } of await staffChats(scope, findAccount, { contactId: contact.id })) {
    const t = i18n.translator(conversation.locale ?? scope.settings.locale);
    const called = ({ name, phone, email }: Contact): string =>
      quote(name ?? phone ?? email ?? '?', MAX_SHOWN_CHARACTERS);
    const text =
      suggestion.type === 'fact'
        ? t('suggestion.fact', {
            name: called(contact),
            field: suggestion.field,
            value: quote(suggestion.value, MAX_SHOWN_CHARACTERS),
          })
        : t('suggestion.merge', {
            name: called(contact),
            other: called(suggestion.other),
            field: suggestion.field,
          });
    const buttons = [
      [
        {
          label: t(suggestion.type === 'fact' ? 'button.keep' : 'button.merge'),
          action: `/suggestions ${id} yes`,
        },
        { label: t('button.no'), action: `/suggestions ${id} no` },
      ],
    ];
    await outreach.say(
      scope,
      conversation.id,
      `suggestion:${id}:${conversation.id}`,
      { text, buttons },
      'command',
    );
  }
}
