import { z } from 'zod';
import { StoreError, type Contact } from '../../contracts/stores.js';
import { ToolError, type ToolContext } from '../../contracts/tool.js';
import { escapeMarkdown } from '../../lib/text/escape-markdown.js';
import { emailAddress, phoneNumber } from '../../lib/ids/phone.js';
import { defineTool } from '../define-tool.js';

const contactId = z.string().min(1).max(128).optional().describe('Only for staff: another person');
const MOST_FOUND = 10;

/** The person who asks; only staff may name another one. */
async function whom(context: ToolContext, otherId?: string): Promise<Contact> {
  if (otherId !== undefined && otherId !== context.contactId && !context.isStaff) {
    throw new ToolError('not-allowed', 'Only staff may do this for another person.');
  }
  const contact = await context.scope.contacts.get(otherId ?? context.contactId);
  if (contact === undefined) throw new ToolError('failed', 'There is no such person.');
  return contact;
}

const target = (id: string | undefined) => ({
  whose: id === undefined ? 'own' : 'other',
  contact: escapeMarkdown(id ?? ''),
});

function contactJson({ id, name, phone, email, locale, tags, fields }: Contact) {
  return { id, name, phone, email, locale, tags, fields };
}

const myProfile = defineTool({
  name: 'my_profile',
  description: 'What the business keeps about the person who asks: name, phone, e-mail, language.',
  inputSchema: z.strictObject({}),
  effect: 'read',
  async run(_input, context) {
    // Tags and notes are left out: they are the business's own remarks about a person.
    const { name, phone, email, locale, isUntold } = await whom(context);
    if (isUntold === true) return { forgotten: 'They wanted this forgotten.' };
    return { name, phone, email, locale };
  },
});

const updateContact = defineTool({
  name: 'update_contact',
  description: 'Keeps the name, phone number or e-mail address that the person told about themselves.',
  inputSchema: z
    .strictObject({
      name: z.string().trim().min(1).max(200).optional(),
      phone: z.string().max(60).optional(),
      email: z.string().max(254).optional(),
    })
    .refine((facts) => Object.values(facts).some((fact) => fact !== undefined), 'nothing to keep'),
  effect: 'write',
  summary: (facts, t) =>
    t('tool.updateContact', {
      facts: Object.values(facts)
        .flatMap((fact) => (fact === undefined ? [] : [escapeMarkdown(fact)]))
        .join(', '),
    }),
  async run({ name, phone, email }, context) {
    const { scope } = context;
    const contact = await whom(context);
    const spelled = {
      phone: phone === undefined ? undefined : phoneNumber(phone, scope.settings.country),
      email: email === undefined ? undefined : emailAddress(email),
    };
    if (phone !== undefined && spelled.phone === undefined) throw unreadable('phone number');
    if (email !== undefined && spelled.email === undefined) throw unreadable('e-mail address');
    try {
      const updatedContact = await scope.contacts.update(contact.id, {
        ...(name === undefined ? {} : { name }),
        ...(spelled.phone === undefined ? {} : { phone: spelled.phone }),
        ...(spelled.email === undefined ? {} : { email: spelled.email }),
      });
      return { kept: updatedContact !== undefined };
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== 'conflict') throw error;
      throw new ToolError('failed', 'It cannot be kept for this person.', { cause: error });
    }
  },
});

function unreadable(what: string): ToolError {
  return new ToolError('invalid-input', `The ${what} cannot be read.`);
}

const addTag = defineTool({
  name: 'add_tag',
  description: 'Puts a tag on the person, e.g. "lead" or "wholesale".',
  inputSchema: z.strictObject({ tag: z.string().trim().min(1).max(60), contact_id: contactId }),
  effect: 'write',
  permission: 'staff',
  summary: ({ tag, contact_id: id }, t) => t('tool.addTag', { tag: escapeMarkdown(tag), ...target(id) }),
  async run({ tag, contact_id: id }, context) {
    const contact = await whom(context, id);
    const updatedContact = await context.scope.contacts.update(contact.id, {
      tags: [...new Set([...contact.tags, tag])],
    });
    return { tags: updatedContact?.tags ?? [] };
  },
});

const addNote = defineTool({
  name: 'add_note',
  description: 'Writes a note about the person down for the staff of the business.',
  inputSchema: z.strictObject({ text: z.string().trim().min(1).max(2000), contact_id: contactId }),
  effect: 'write',
  summary: ({ text, contact_id: id }, t) => t('tool.addNote', { text: escapeMarkdown(text), ...target(id) }),
  async run({ text, contact_id: id }, context) {
    const contact = await whom(context, id);
    const note = { contactId: contact.id, text, direction: 'note', at: context.now } as const;
    const { id: noteId } = await context.scope.contacts.addNote(note);
    return { id: noteId };
  },
});

const findContact = defineTool({
  name: 'find_contact',
  description: 'Finds people by a part of their name, e-mail address or phone number.',
  inputSchema: z.strictObject({ query: z.string().trim().min(2).max(100) }),
  effect: 'read',
  permission: 'staff',
  async run({ query }, { scope }) {
    const { items } = await scope.contacts.list({ query }, { limit: MOST_FOUND });
    return { contacts: items.map(contactJson) };
  },
});

export const contactTools = [myProfile, updateContact, addTag, addNote, findContact];
