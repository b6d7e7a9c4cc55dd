import type { ContactDesk, SetFacts } from '../contracts/contact-desk.js';
import type { ContactSuggestions } from '../contracts/contact-suggestions.js';
import type { Events } from '../contracts/events.js';
import type { Clock } from '../contracts/runtime.js';
import { LOCALES, type Locale } from '../contracts/message.js';
import { StoreError, type Contact, type ContactChange, type TenantScope } from '../contracts/stores.js';
import { contactFieldName } from '../lib/api/fields.js';
import { checkedField } from '../lib/contact-fields.js';
import { emailAddress, phoneNumber } from '../lib/ids/phone.js';
import { contactJson } from './contact-json.js';

const INVITED_FOR_MS = 24 * 3_600_000;
const LONGEST_NAME = 200;
const MOST_TAGS = 100;

type OwnFact = 'name' | 'phone' | 'email' | 'locale';

/** The words people use for the facts that every contact has. */
const OWN_FACTS: Readonly<Record<string, OwnFact>> = {
  name: 'name',
  nama: 'name',
  phone: 'phone',
  telephone: 'phone',
  telepon: 'phone',
  telp: 'phone',
  hp: 'phone',
  wa: 'phone',
  nomor: 'phone',
  number: 'phone',
  email: 'email',
  'e-mail': 'email',
  mail: 'email',
  surel: 'email',
  language: 'locale',
  locale: 'locale',
  bahasa: 'locale',
};
const LANGUAGES: Readonly<Record<string, Locale>> = {
  english: 'en',
  inggris: 'en',
  indonesian: 'id',
  indonesia: 'id',
  'bahasa indonesia': 'id',
};

export interface ContactDeskDependencies {
  readonly events: Events;
  readonly clock: Clock;
  readonly suggestions: ContactSuggestions;
}

/** Lets staff edit contacts from a chat. Emits `contact.updated` for each change. */
export function createContactDesk({ events, clock, suggestions }: ContactDeskDependencies): ContactDesk {
  async function save(scope: TenantScope, before: Contact, change: ContactChange): Promise<Contact> {
    const contact = await scope.contacts.update(before.id, change);
    if (contact !== undefined) await events.emit(scope, 'contact.updated', contactJson(contact));
    return contact ?? before;
  }
  return {
    async set(scope, before, facts) {
      const read = changeOfFacts(scope, facts);
      if ('type' in read) return read;
      try {
        return { type: 'set', before, contact: await save(scope, before, read) };
      } catch (error) {
        if (!(error instanceof StoreError) || error.kind !== 'conflict') throw error;
        const conflict = await findConflict(scope, before, read);
        if (conflict === undefined) throw error;
        const offerId = await suggestions.offerMerge(scope, before, conflict.other, conflict.field);
        return { ...conflict, ...(offerId === undefined ? {} : { offerId }) };
      }
    },
    tag(scope, contact, { add = [], remove = [] }) {
      const removals = new Set(remove.map((tag) => tag.toLowerCase()));
      const currentTags = new Set(contact.tags.map((tag) => tag.toLowerCase()));
      const remainingTags = contact.tags.filter((tag) => !removals.has(tag.toLowerCase()));
      const additions = add.filter((tag) => !currentTags.has(tag.toLowerCase()));
      return save(scope, contact, { tags: [...remainingTags, ...additions].slice(0, MOST_TAGS) });
    },
    note: (scope, contact, text) =>
      scope.contacts.addNote({ contactId: contact.id, text, direction: 'note', at: clock.now() }),
    async invite(scope) {
      const expiresAt = new Date(clock.now().getTime() + INVITED_FOR_MS);
      return { code: await scope.codes.create('claim-staff', expiresAt), expiresAt };
    },
  };
}

type Wrong = Extract<SetFacts, { readonly type: 'wrong' }>;

function changeOfFacts(
  { settings }: TenantScope,
  facts: Readonly<Record<string, string>>,
): ContactChange | Wrong {
  const change: { -readonly [Key in keyof ContactChange]: ContactChange[Key] } = {};
  const fields: Record<string, NonNullable<ContactChange['fields']>[string]> = {};
  for (const [name, text] of Object.entries(facts)) {
    const value = text.trim();
    const fact = Object.hasOwn(OWN_FACTS, name.toLowerCase()) ? OWN_FACTS[name.toLowerCase()] : undefined;
    if (fact !== undefined) {
      const read = value === '' ? null : ownFact(fact, value, settings.country);
      if (read === undefined) return { type: 'wrong', field: name, problem: PROBLEMS[fact] };
      Object.assign(change, { [fact]: read });
      continue;
    }
    if (!contactFieldName.safeParse(name).success) return { type: 'wrong', field: name, problem: 'field' };
    if (value === '') {
      fields[name] = null;
      continue;
    }
    const checked = checkedField(settings.contact_fields, name, value);
    if (checked.type === 'wrong') return { ...checked, field: name };
    fields[name] = checked.value;
  }
  return { ...change, ...(Object.keys(fields).length === 0 ? {} : { fields }) };
}

const PROBLEMS = { name: 'name', phone: 'phone', email: 'email', locale: 'language' } as const;

function ownFact(fact: OwnFact, value: string, country: string): string | undefined {
  switch (fact) {
    case 'name':
      return value.length <= LONGEST_NAME ? value : undefined;
    case 'phone':
      return phoneNumber(value, country);
    case 'email':
      return emailAddress(value);
    case 'locale': {
      const word = value.toLowerCase();
      return LANGUAGES[word] ?? LOCALES.find((locale) => locale === word);
    }
    default:
      return fact satisfies never;
  }
}

async function findConflict(
  scope: TenantScope,
  { id }: Contact,
  { phone, email }: ContactChange,
): Promise<Extract<SetFacts, { readonly type: 'taken' }> | undefined> {
  for (const [field, value] of [
    ['phone', phone],
    ['email', email],
  ] as const) {
    const [other] = typeof value === 'string' ? await scope.contacts.find({ [field]: value }) : [];
    if (other !== undefined && other.id !== id) return { type: 'taken', field, other };
  }
  return undefined;
}
