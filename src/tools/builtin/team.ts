import { z } from 'zod';
import type { Outreach } from '../../contracts/chat.js';
import type { ContactDesk } from '../../contracts/contact-desk.js';
import type { I18n } from '../../contracts/i18n.js';
import type { Contact, Conversation, TenantScope } from '../../contracts/stores.js';
import { ToolError, type Tool, type ToolContext } from '../../contracts/tool.js';
import { escapeMarkdown } from '../../lib/text/escape-markdown.js';
import { describeMoment } from '../../lib/time/when/index.js';
import { defineTool } from '../define-tool.js';

export interface TeamToolNeeds {
  readonly contacts: ContactDesk;
  readonly outreach: Outreach;
  readonly staffConversations: (
    scope: TenantScope,
    exceptContact: string,
  ) => Promise<readonly Conversation[]>;
  /** CSV in chunks. */
  readonly exportContacts: (scope: TenantScope) => AsyncIterable<string>;
  readonly i18n: Pick<I18n, 'translator'>;
}

const LEAD_TAG = 'lead';
const contactId = z.string().min(1).max(128).describe('As find_contact gives it');

/** Tools for managing contacts and staff, and for telling the team about leads. */
export function teamTools(needs: TeamToolNeeds): readonly Tool[] {
  return [
    saveLead(needs),
    removeTag(needs),
    setContactField(needs),
    inviteStaff(needs),
    exportContacts(needs),
  ];
}

async function contactOf({ scope }: ToolContext, id: string): Promise<Contact> {
  const contact = await scope.contacts.get(id);
  if (contact === undefined) throw new ToolError('failed', 'There is no such person.');
  return contact;
}

function saveLead({ contacts, outreach, staffConversations, i18n }: TeamToolNeeds): Tool {
  return defineTool({
    name: 'save_lead',
    description:
      'Notes that the person is interested in something, tags them as a lead and tells the team, so that somebody calls back.',
    inputSchema: z.strictObject({ interest: z.string().trim().min(1).max(1000) }),
    effect: 'write',
    summary: ({ interest }, t) => t('tool.saveLead', { interest: escapeMarkdown(interest) }),
    async run({ interest }, context) {
      const { scope, turnId } = context;
      const contact = await contactOf(context, context.contactId);
      await contacts.tag(scope, contact, { add: [LEAD_TAG] });
      await contacts.note(scope, contact, interest);
      const staff = await staffConversations(scope, contact.id);
      for (const { id, locale } of staff) {
        const t = i18n.translator(locale ?? scope.settings.locale);
        const name = escapeMarkdown(contact.name ?? contact.id);
        const text = t('tool.leadFor', { name, interest: escapeMarkdown(interest) });
        await outreach.say(scope, id, `lead:${turnId}:${id}`, text, 'command');
      }
      return { told_team: staff.length > 0 };
    },
  });
}

function removeTag({ contacts }: TeamToolNeeds): Tool {
  return defineTool({
    name: 'remove_tag',
    description: 'Takes a tag off a person.',
    inputSchema: z.strictObject({ tag: z.string().trim().min(1).max(60), contact_id: contactId }),
    effect: 'write',
    permission: 'staff',
    summary: ({ tag, contact_id: id }, t) =>
      t('tool.removeTag', { tag: escapeMarkdown(tag), contact: escapeMarkdown(id) }),
    async run({ tag, contact_id: id }, context) {
      const { tags } = await contacts.tag(context.scope, await contactOf(context, id), { remove: [tag] });
      return { tags };
    },
  });
}

function setContactField({ contacts }: TeamToolNeeds): Tool {
  return defineTool({
    name: 'set_contact_field',
    description:
      'Writes a fact about a person down: name, phone, email, language or a field of the business.',
    inputSchema: z.strictObject({
      contact_id: contactId,
      field: z.string().trim().min(1).max(64),
      value: z.string().trim().max(1000).describe('Empty to forget it'),
    }),
    effect: 'write',
    permission: 'staff',
    summary: ({ contact_id: id, field, value }, t) =>
      t('tool.setContactField', {
        contact: escapeMarkdown(id),
        field: escapeMarkdown(field),
        value: escapeMarkdown(value),
      }),
    async run({ contact_id: id, field, value }, context) {
      const outcome = await contacts.set(context.scope, await contactOf(context, id), { [field]: value });
      switch (outcome.type) {
        case 'set':
          return { set: field };
        case 'wrong':
          throw new ToolError('invalid-input', `"${outcome.field}" cannot have this value.`);
        case 'taken':
          throw new ToolError('failed', `Another person has this ${outcome.field}.`);
        default:
          return outcome satisfies never;
      }
    },
  });
}

function inviteStaff({ contacts, outreach, i18n }: TeamToolNeeds): Tool {
  return defineTool({
    name: 'invite_staff',
    description: 'Makes a one-time code for a new member of the team and writes it to whoever asks for it.',
    inputSchema: z.strictObject({}),
    effect: 'write',
    permission: 'staff',
    summary: (_input, t) => t('tool.inviteStaff'),
    async run(_input, { scope, conversationId, locale, turnId }) {
      const { code, expiresAt } = await contacts.invite(scope);
      const until = describeMoment(expiresAt, scope.settings.timezone, locale);
      // Sent directly to the chat: the code appears in no result and reaches no model.
      const text = i18n.translator(locale)('command.invite.done', { code, until });
      await outreach.say(scope, conversationId, `invite:${turnId}`, text, 'command');
      return { written_to_chat: true };
    },
  });
}

function exportContacts({ outreach, exportContacts: csvOf }: TeamToolNeeds): Tool {
  return defineTool({
    name: 'export_contacts',
    description: 'Sends a file with all contacts to whoever asks for it, as CSV for a spreadsheet.',
    inputSchema: z.strictObject({}),
    effect: 'write',
    permission: 'staff',
    summary: (_input, t) => t('tool.exportContacts'),
    async run(_input, { scope, conversationId, turnId }) {
      const pieces: Buffer[] = [];
      for await (const piece of csvOf(scope)) pieces.push(Buffer.from(piece));
      const bytes = Buffer.concat(pieces);
      const about = { kind: 'document', fileName: 'contacts.csv', mediaType: 'text/csv' } as const;
      const file = await scope.files.save({ ...about, bytes });
      const content = { text: '', files: [file] };
      const turn = await outreach.say(scope, conversationId, `export:${turnId}`, content, 'command');
      if (turn === undefined) throw new ToolError('failed', 'The file cannot be sent here.');
      return { sent: about.fileName };
    },
  });
}
