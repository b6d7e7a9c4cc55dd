import { z } from 'zod';
import type { TenantSettings } from '../contracts/settings.js';
import type { Contact, ContactChange, ContactNote, ConversationMessage } from '../contracts/stores.js';
import { contactFieldName, idSchema, localeSchema, timeSchema } from '../lib/api/fields.js';
import { invalidRequest } from '../lib/api/problem.js';
import { checkedField } from '../lib/contact-fields.js';
import { emailAddress, phoneNumber } from '../lib/ids/phone.js';

const fieldValue = z.union([z.string().max(2000), z.number(), z.boolean()]);
const tag = z.string().trim().min(1).max(60);
const identity = z.strictObject({
  channel: z.string().min(1).max(40),
  account_id: z.string().min(1).max(200),
  user_id: z.string().min(1).max(200),
});

/** What a caller may set for a contact; `null` clears it. */
export const contactBody = z.strictObject({
  name: z.string().trim().min(1).max(200).nullable().optional(),
  phone: z
    .string()
    .max(60)
    .nullable()
    .optional()
    .describe('Kept as E.164; a national number is read with the country of the business'),
  email: z.string().max(254).nullable().optional(),
  locale: localeSchema.nullable().optional(),
  tags: z.array(tag).max(100).optional(),
  fields: z
    .record(contactFieldName, fieldValue.nullable())
    .refine((value) => Object.keys(value).length <= 100, 'at most 100 fields')
    .optional(),
  identities: z.array(identity).max(20).optional(),
  opted_out: z.boolean().optional(),
  is_staff: z.boolean().optional(),
});

/** A new contact needs at least one value. */
export const newContactBody = contactBody.refine(
  (body) => Object.values(body).some((value) => value !== undefined && value !== null),
  'says nothing about anybody',
);

export type ContactBody = z.output<typeof contactBody>;

export const contactBodyExample = {
  name: 'Ani Wijaya',
  phone: '0812-3456-7890',
  email: 'ani@example.com',
  tags: ['member'],
  fields: { size: 'M' },
};

export const contactSchema = z.object({
  id: idSchema,
  name: z.string().nullable(),
  phone: z.string().nullable(),
  email: z.string().nullable(),
  locale: localeSchema.nullable(),
  tags: z.array(z.string()),
  fields: z.record(z.string(), fieldValue),
  identities: z.array(z.object({ channel: z.string(), account_id: z.string(), user_id: z.string() })),
  is_staff: z.boolean(),
  opted_out: z.boolean(),
  created_at: timeSchema,
  updated_at: timeSchema,
  last_seen_at: timeSchema.nullable(),
});

export const contactExample = {
  id: 'contact_5mQ0x7cWb2nVrT8sYkLd1A',
  name: 'Ani Wijaya',
  phone: '+6281234567890',
  email: 'ani@example.com',
  locale: 'id',
  tags: ['member'],
  fields: { size: 'M' },
  identities: [{ channel: 'telegram', account_id: 'shop-bot', user_id: '4711' }],
  is_staff: false,
  opted_out: false,
  created_at: '2026-01-05T02:00:00.000Z',
  updated_at: '2026-01-05T02:00:00.000Z',
  last_seen_at: null,
};

export function contactJson(contact: Contact): z.output<typeof contactSchema> {
  const { id, name, phone, email, locale, tags, fields, identities, lastSeenAt } = contact;
  return {
    id,
    name: name ?? null,
    phone: phone ?? null,
    email: email ?? null,
    locale: locale ?? null,
    tags: [...tags],
    fields: { ...fields },
    identities: identities.map(({ channel, accountId, userId }) => ({
      channel,
      account_id: accountId,
      user_id: userId,
    })),
    is_staff: contact.isStaff,
    opted_out: contact.optedOut,
    created_at: contact.createdAt.toISOString(),
    updated_at: contact.updatedAt.toISOString(),
    last_seen_at: lastSeenAt?.toISOString() ?? null,
  };
}

/**
 * The change that a body asks for, with phone numbers and email addresses normalised and fields converted to
 * their types.
 */
export function changeFrom(
  body: ContactBody,
  { country, contact_fields: schema }: Pick<TenantSettings, 'country' | 'contact_fields'>,
): ContactChange {
  const { name, locale, tags, fields, identities, opted_out: optedOut, is_staff: isStaff } = body;
  return {
    ...(name === undefined ? {} : { name }),
    ...(locale === undefined ? {} : { locale }),
    ...(tags === undefined ? {} : { tags }),
    ...(fields === undefined ? {} : { fields: typedFields(schema, fields) }),
    ...(optedOut === undefined ? {} : { optedOut }),
    ...(isStaff === undefined ? {} : { isStaff }),
    ...(identities === undefined
      ? {}
      : {
          identities: identities.map(({ channel, account_id: accountId, user_id: userId }) => ({
            channel,
            accountId,
            userId,
          })),
        }),
    ...spelled('phone', body.phone, (text) => phoneNumber(text, country)),
    ...spelled('email', body.email, emailAddress),
  };
}

function typedFields(
  schema: TenantSettings['contact_fields'],
  fields: NonNullable<ContactBody['fields']>,
): NonNullable<ContactChange['fields']> {
  const typed = Object.entries(fields).map(([name, value]) => {
    if (value === null) return [name, null] as const;
    const checked = checkedField(schema, name, value);
    if (checked.type === 'value') return [name, checked.value] as const;
    const message =
      checked.choices === undefined
        ? `is not a ${checked.problem} that this field holds`
        : `is none of ${checked.choices.join(', ')}`;
    throw invalidRequest(`The field ${name} ${message}.`, [
      { path: `fields.${name}`, code: 'invalid', message },
    ]);
  });
  return Object.fromEntries(typed);
}

function spelled<Name extends 'phone' | 'email'>(
  name: Name,
  input: string | null | undefined,
  spell: (text: string) => string | undefined,
): { readonly [Key in Name]?: string | null } {
  if (input === undefined) return {};
  const value = input === null ? null : spell(input);
  if (value === undefined) {
    const { called, article } = WORDS[name];
    const errors = [{ path: name, code: 'invalid', message: `is not ${article} ${called}` }];
    throw invalidRequest(`The ${called} cannot be read.`, errors);
  }
  return { [name]: value } as { readonly [Key in Name]?: string | null };
}

const WORDS = {
  phone: { article: 'a', called: 'telephone number' },
  email: { article: 'an', called: 'e-mail address' },
} as const;

export const logSchema = z.object({
  id: z.string(),
  contact_id: z.string(),
  direction: z.enum(['in', 'out', 'note']),
  text: z.string(),
  channel: z.string().nullable(),
  at: timeSchema,
  conversation_id: z.string().optional(),
  delivery: z.enum(['waiting', 'sent', 'failed']).optional().describe('Of what was sent to the person'),
  reason: z.string().optional().describe('Why it failed'),
});

export const logExample = {
  id: 'note_5mQ0x7cWb2nVrT8sYkLd1A',
  contact_id: 'contact_5mQ0x7cWb2nVrT8sYkLd1A',
  direction: 'note',
  text: 'Prefers to be called in the evening.',
  channel: null,
  at: '2026-01-05T02:00:00.000Z',
};

export function logJson(contactId: string, message: ConversationMessage): z.output<typeof logSchema> {
  const { id, role, text, channel, createdAt, conversationId, delivery } = message;
  return {
    id,
    contact_id: contactId,
    direction: role === 'user' ? 'in' : role === 'note' ? 'note' : 'out',
    text,
    channel: channel === '' ? null : channel,
    at: createdAt.toISOString(),
    ...(conversationId === undefined ? {} : { conversation_id: conversationId }),
    ...(delivery === undefined ? {} : { delivery: delivery.state }),
    ...(delivery?.reason === undefined ? {} : { reason: delivery.reason }),
  };
}

export function noteJson(
  contactId: string,
  { id, direction, text, channel, at }: ContactNote,
): z.output<typeof logSchema> {
  return { id, contact_id: contactId, direction, text, channel: channel ?? null, at: at.toISOString() };
}
