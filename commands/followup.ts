import { defineCommand, defineSubcommand, type CommandReply } from '../src/contracts/command.js';
import type { Contact } from '../src/contracts/stores.js';
import { quote } from '../src/lib/text/excerpt.js';
import { shortId } from '../src/lib/ids/short-id.js';
import { describeMoment } from '../src/lib/time/when/index.js';
import { personName, askForContact, whoOption } from './shared/contact-line.js';
import {
  findPlanned,
  plannedButtons,
  plannedFor,
  suggestPlanned,
  takesTime,
  timeOf,
  timeReply,
  type Context,
  type NeedsPlanner,
} from './shared/planned.js';

const MAX_LISTED = 10;
const MAX_BUTTONS = 5;
const LONGEST_MESSAGE = 4_000;

const messageOption = {
  type: 'text',
  required: true,
  multiline: true,
  maxLength: LONGEST_MESSAGE,
  description: 'command.followup.message',
} as const;
const followupOption = {
  followup: { type: 'text', required: true, description: 'command.followup.which' },
} as const;
const followupAndTime = {
  ...followupOption,
  when: { type: 'text', takes: takesTime, description: 'command.followup.when' },
} as const;
const followupAndMessage = { ...followupOption, message: messageOption } as const;

const add = defineSubcommand({
  description: 'command.followup.add',
  options: {
    ...whoOption,
    when: {
      type: 'text',
      required: true,
      until: '|',
      takes: takesTime,
      description: 'command.followup.when',
    },
    message: { ...messageOption, required: false },
  },
  async run(context: Context, { who, when, message = '' }) {
    const { t, scope, services } = context;
    if (who === undefined) return askForContact(context);
    const name = personName(who);
    if (who.optedOut) return { text: t('command.followup.optedOut', { name }) };
    const time = timeOf(context, when);
    if ('text' in time) return time;
    // Matches the separator in "besok jam 9: halo" or "besok jam 9 - halo".
    const words = message.replace(/^[\s:,–|-]+/, '');
    if (words === '') return undefined;
    const planned = await services.planner.plan(scope, who, words, time);
    if (planned === undefined) return { text: t('command.followup.unreachable', { name }) };
    const heading = t('command.followup.planned', {
      name,
      channel: planned.channel,
      time: plannedFor(context, planned),
    });
    const until = planned.cron === undefined ? [t('command.followup.untilReply')] : [];
    return {
      text: [heading, `> ${quote(words, 600)}`, ...until].join('\n\n'),
      buttons: [plannedButtons(context, planned)],
    };
  },
});

const cancel = defineSubcommand<typeof followupOption, NeedsPlanner>({
  description: 'command.followup.cancel',
  options: followupOption,
  suggest: { followup: suggestPlanned },
  async run(context, { followup: id }) {
    const followUp = await findPlanned(context, id);
    const cancelled = followUp && (await context.services.planner.cancel(context.scope, followUp.id));
    if (cancelled === undefined) return notFound(context, id);
    return { text: context.t('command.followup.cancelled', { message: quote(cancelled.message) }) };
  },
});

const move = defineSubcommand<typeof followupAndTime, NeedsPlanner>({
  description: 'command.followup.move',
  options: followupAndTime,
  suggest: { followup: suggestPlanned },
  async run(context, { followup: id, when }) {
    const followUp = await findPlanned(context, id);
    if (followUp === undefined) return notFound(context, id);
    if (when === undefined) return timeReply(context, followUp);
    const time = timeOf(context, when);
    if ('text' in time) return time;
    const moved = await context.services.planner.move(context.scope, followUp.id, time);
    if (moved === undefined) return notFound(context, id);
    const text = context.t('command.followup.moved', {
      time: plannedFor(context, moved),
      message: quote(moved.message),
    });
    return { text, buttons: [plannedButtons(context, moved)] };
  },
});

const edit = defineSubcommand<typeof followupAndMessage, NeedsPlanner>({
  description: 'command.followup.edit',
  options: followupAndMessage,
  suggest: { followup: suggestPlanned },
  async run(context, { followup: id, message }) {
    const followUp = await findPlanned(context, id);
    const edited = followUp && (await context.services.planner.edit(context.scope, followUp.id, message));
    if (edited === undefined) return notFound(context, id);
    const heading = context.t('command.followup.edited', { time: plannedFor(context, edited) });
    return { text: `${heading}\n\n> ${quote(edited.message, 600)}` };
  },
});

/** `/followup Ani besok jam 9 Halo kak`; without the name, to the person being answered from this chat. */
export const followup = defineCommand({
  name: 'followup',
  audience: 'staff',
  description: 'command.followup.description',
  options: {},
  otherwise: 'add',
  subcommands: {
    add,
    list: defineSubcommand({
      description: 'command.followup.list',
      options: whoOption,
      run: (context: Context, { who }) => list(context, who),
    }),
    move,
    edit,
    cancel,
  },
  run: (context: Context) => list(context, undefined),
});

async function list(context: Context, contact: Contact | undefined): Promise<CommandReply> {
  const { t, scope, services } = context;
  const waiting = await services.planner.waiting(scope, contact);
  const failed = await failedLines(context, contact);
  if (waiting.length === 0) {
    const emptyText = t('command.followup.none', { whose: contact === undefined ? 'all' : 'one' });
    return { text: [emptyText, ...failed].join('\n\n') };
  }
  const lines = await Promise.all(
    waiting.slice(0, MAX_LISTED).map(async (each) => {
      return `- ${await nameIn(scope, each.contactId)}${plannedFor(context, each)} · ${quote(each.message, 80)} · \`${shortId(each.id)}\``;
    }),
  );
  const heading = t('command.followup.heading', { count: waiting.length });
  return {
    text: [[heading, ...lines].join('\n'), ...failed].join('\n\n'),
    buttons: waiting.slice(0, MAX_BUTTONS).map((each) => plannedButtons(context, each, shortId(each.id))),
  };
}

/** Lists messages that recently failed to reach the person, and why. */
async function failedLines({ t, scope, services, locale }: Context, contact: Contact | undefined) {
  const failed = await services.planner.failed(scope, contact);
  if (failed.length === 0) return [];
  const lines = await Promise.all(
    failed.slice(0, MAX_LISTED).map(async ({ contactId, message, reason, failedAt }) => {
      const at = describeMoment(failedAt, scope.settings.timezone, locale);
      const reasonText = t('followUp.reason', { reason });
      return `- ${await nameIn(scope, contactId)}${at} · ${quote(message, 80)}: ${reasonText}`;
    }),
  );
  return [[t('command.followup.failed', { count: failed.length }), ...lines].join('\n')];
}

async function nameIn(scope: Context['scope'], contactId: string): Promise<string> {
  const contact = await scope.contacts.get(contactId);
  return contact === undefined ? '' : `**${personName(contact)}** · `;
}

function notFound({ t }: Context, id: string): CommandReply {
  return { text: t('command.followup.notFound', { id: quote(id, 60) }) };
}
