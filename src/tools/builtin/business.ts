import { z } from 'zod';
import type { Outreach } from '../../contracts/chat.js';
import type { HandOver } from '../../contracts/hand-over.js';
import { FAQ_LIMITS, type FaqService, type UnansweredService } from '../../contracts/knowledge.js';
import { LOCALES } from '../../contracts/message.js';
import { ToolError, type Tool } from '../../contracts/tool.js';
import { USAGE_GROUPS, type UsageService } from '../../contracts/usage.js';
import { escapeMarkdown } from '../../lib/text/escape-markdown.js';
import { defineTool } from '../define-tool.js';

export interface BusinessToolNeeds {
  readonly faq: FaqService;
  readonly unanswered: UnansweredService;
  readonly outreach: Outreach;
  readonly handOver: HandOver;
  readonly usage: UsageService;
}

const MOST_LISTED = 20;
const id = z.string().min(1).max(128);

/** Tools for staff, and asking for a person, which is open to everyone. */
export function businessTools(needs: BusinessToolNeeds): readonly Tool[] {
  return [askForPerson(needs), sendMessage(needs), usage(needs), ...questions(needs)];
}

function askForPerson({ handOver }: BusinessToolNeeds): Tool {
  return defineTool({
    name: 'ask_for_person',
    description: 'Tells staff that this person needs them, and leaves the chat to them.',
    inputSchema: z.strictObject({}),
    effect: 'write',
    // Everyone can do the same with /human.
    confirmation: 'never',
    summary: (_input, t) => t('tool.askForPerson'),
    async run(_input, { scope, conversationId, turnId }) {
      const conversation = await scope.conversations.get(conversationId);
      if (conversation === undefined) throw new ToolError('failed', 'There is no such conversation.');
      const { notified } = await handOver.ask(scope, conversation, turnId, 'asked');
      return { told_staff: notified };
    },
  });
}

function sendMessage({ outreach }: BusinessToolNeeds): Tool {
  return defineTool({
    name: 'send_message',
    description: 'Sends a message to a person that find_contact found, in the chat they used last.',
    inputSchema: z.strictObject({ contact_id: id, message: z.string().trim().min(1).max(4000) }),
    effect: 'write',
    permission: 'staff',
    summary: ({ contact_id: to, message }, t) =>
      t('tool.sendMessage', { contact: escapeMarkdown(to), message: escapeMarkdown(message) }),
    async run({ contact_id: to, message }, { scope, contactId, turnId }) {
      const contact = await scope.contacts.get(to);
      if (contact === undefined) throw new ToolError('failed', 'There is no such person.');
      if (contact.optedOut) throw new ToolError('not-allowed', 'This person wants no messages.');
      const [conversation] = await scope.conversations.directOf(contact);
      if (conversation === undefined) throw new ToolError('failed', 'They never wrote to the business.');
      const origin = { type: 'staff', contactId } as const;
      const turn = await outreach.say(scope, conversation.id, `tool:${turnId}`, message, 'human', origin);
      if (turn === undefined) throw new ToolError('failed', 'It cannot be sent.');
      return { message_id: turn.id, channel: conversation.channel };
    },
  });
}

function usage({ usage: service }: BusinessToolNeeds): Tool {
  return defineTool({
    name: 'usage',
    description: 'What the language models cost between two days, both included, and the budget.',
    inputSchema: z.strictObject({
      from: z.iso.date(),
      to: z.iso.date(),
      group_by: z.enum(USAGE_GROUPS).default('day'),
    }),
    effect: 'read',
    permission: 'staff',
    async run({ from, to, group_by: groupBy }, { scope }) {
      const [rows, budget] = await Promise.all([
        service.report(scope, { from, to, groupBy }),
        service.budget(scope),
      ]);
      return { rows: rows.slice(0, MOST_LISTED), ...budget };
    },
  });
}

/** As it is sent to those who asked. */
const answer = z.string().trim().min(1).max(FAQ_LIMITS.answer);

function questions(needs: BusinessToolNeeds): readonly Tool[] {
  return [listUnanswered, answerUnanswered(needs), dismissUnanswered(needs), addFaq(needs)];
}

const listUnanswered = defineTool({
  name: 'list_unanswered',
  description: 'The questions that nobody could answer.',
  inputSchema: z.strictObject({}),
  effect: 'read',
  permission: 'staff',
  async run(_input, { scope }) {
    const { items } = await scope.unanswered.list({ limit: MOST_LISTED });
    return {
      questions: items.map(({ id: of, question, count, locale }) => ({
        id: of,
        question,
        count,
        locale,
      })),
    };
  },
});

function answerUnanswered({ unanswered }: BusinessToolNeeds): Tool {
  return defineTool({
    name: 'answer_unanswered',
    description: 'Answers a question of list_unanswered for good, and tells those who asked it.',
    inputSchema: z.strictObject({ id, answer }),
    effect: 'write',
    permission: 'staff',
    summary: (input, t) =>
      t('tool.answerUnanswered', { id: escapeMarkdown(input.id), answer: escapeMarkdown(input.answer) }),
    async run(input, { scope }) {
      const outcome = await unanswered.answer(scope, input.id, input.answer);
      if (outcome === undefined) throw new ToolError('failed', 'There is no such question.');
      if (outcome === 'answered-before') throw new ToolError('failed', 'It has another answer already.');
      return { faq_id: outcome.entry.id, told: outcome.notified };
    },
  });
}

function dismissUnanswered({ unanswered }: BusinessToolNeeds): Tool {
  return defineTool({
    name: 'dismiss_unanswered',
    description: 'Takes a question off list_unanswered without an answer.',
    inputSchema: z.strictObject({ id }),
    effect: 'write',
    permission: 'staff',
    summary: (input, t) => t('tool.dismissUnanswered', { id: escapeMarkdown(input.id) }),
    async run(input, { scope }) {
      if (await unanswered.dismiss(scope, input.id)) return { dismissed: true };
      throw new ToolError('failed', 'There is no such question.');
    },
  });
}

function addFaq({ faq }: BusinessToolNeeds): Tool {
  return defineTool({
    name: 'add_faq',
    description: 'Adds a frequent question with the answer the business gives from now on.',
    inputSchema: z.strictObject({
      question: z.string().trim().min(1).max(FAQ_LIMITS.question),
      answer,
      locale: z.enum(LOCALES).optional(),
    }),
    effect: 'write',
    permission: 'staff',
    summary: (input, t) =>
      t('tool.addFaq', {
        question: escapeMarkdown(input.question),
        answer: escapeMarkdown(input.answer),
      }),
    async run(input, { scope, locale }) {
      const { question, answer: text } = input;
      const entry = await faq.add(scope, { question, answer: text, locale: input.locale ?? locale });
      return { faq_id: entry.id };
    },
  });
}
