import type { Outreach } from '../contracts/chat.js';
import type { Events } from '../contracts/events.js';
import type { HandOver } from '../contracts/hand-over.js';
import type { I18n } from '../contracts/i18n.js';
import type { UnansweredService } from '../contracts/knowledge.js';
import { defineJob, handleJob, type Job, type JobQueue } from '../contracts/queue.js';
import type { Clock } from '../contracts/runtime.js';
import type { Conversation, TenantScope } from '../contracts/stores.js';
import { lastMessages, nameOf } from '../lib/text/conversation-lines.js';
import { waitingButtons } from './waiting-buttons.js';

/** Ends a hand-over that nobody is attending any more. */
export const returnJob = defineJob<{ readonly conversationId: string }>('people.return');
/** Reminds a member of staff of a conversation they postponed. */
export const remindJob = defineJob<{ readonly conversationId: string; readonly deskId: string }>(
  'people.remind',
);

/** How many recent turns of a conversation are searched for the last message from staff. */
const LOOKED_AT = 100;

export interface HandOverJobDependencies {
  readonly handOver: HandOver;
  readonly unanswered: Pick<UnansweredService, 'record'>;
  readonly events: Events;
  readonly outreach: Outreach;
  readonly queue: JobQueue;
  readonly i18n: Pick<I18n, 'translator'>;
  readonly clock: Clock;
}

export function handOverJobs(deps: HandOverJobDependencies): readonly Job[] {
  return [
    handleJob(returnJob, { run: (scope, { conversationId }) => giveBack(deps, scope, conversationId) }),
    handleJob(remindJob, {
      run: (scope, { conversationId, deskId }) => remind(deps, scope, conversationId, deskId),
    }),
  ];
}

/** Leaves nobody without an answer: after the time set by the business, the bot says so and answers again. */
async function giveBack(
  deps: HandOverJobDependencies,
  scope: TenantScope,
  conversationId: string,
): Promise<void> {
  const conversation = await scope.conversations.get(conversationId);
  if (conversation?.mode !== 'human') return;
  const staffSpokeAt = await lastWordOfStaff(scope, conversation);
  const dueAt = returnsAt(scope, conversation, staffSpokeAt);
  if (dueAt > deps.clock.now()) {
    await deps.queue.enqueue(
      returnJob,
      scope.tenantId,
      { conversationId },
      { key: conversationId, at: dueAt },
    );
    return;
  }
  const key = `return:${conversation.id}:${conversation.modeNumber}`;
  const wasAnswered = staffSpokeAt !== undefined;
  if (!wasAnswered) await noteQuestion(deps, scope, conversation);
  const t = deps.i18n.translator(conversation.locale ?? scope.settings.locale);
  if (!wasAnswered) {
    await deps.outreach.say(scope, conversation.id, `${key}:free`, t('handover.nobodyFree'), 'command');
  }
  await deps.handOver.release(scope, conversation, key, wasAnswered ? 'timer' : 'person');
}

function returnsAt(
  scope: TenantScope,
  { modeSince, updatedAt }: Conversation,
  staffSpokeAt: Date | undefined,
): Date {
  const { wait_minutes: wait, return_minutes: back } = scope.settings.handover;
  const [from, minutes] = staffSpokeAt === undefined ? [modeSince ?? updatedAt, wait] : [staffSpokeAt, back];
  return new Date(from.getTime() + minutes * 60_000);
}

/** When staff last wrote since the hand-over began, whatever the person wrote after that. */
async function lastWordOfStaff(
  scope: TenantScope,
  { id, modeSince }: Conversation,
): Promise<Date | undefined> {
  const turns = await scope.turns.recent(id, LOOKED_AT);
  return turns.findLast(
    ({ origin, createdAt }) => origin.type === 'staff' && createdAt >= (modeSince ?? new Date(0)),
  )?.createdAt;
}

/** Records what the person wanted among the questions the business could not answer. */
async function noteQuestion(
  { unanswered, events }: HandOverJobDependencies,
  scope: TenantScope,
  conversation: Conversation,
): Promise<void> {
  const turns = await scope.turns.recent(conversation.id, 10);
  const lastQuestion = turns.findLast(({ input }) => input !== '' && !input.startsWith('/'));
  if (lastQuestion === undefined) return;
  const { id: conversationId, contactId } = conversation;
  const locale = conversation.locale ?? scope.settings.locale;
  const question = { text: lastQuestion.input, locale, conversationId, contactId };
  if ((await unanswered.record(scope, question)) === undefined) return;
  await events.emit(scope, 'question.unanswered', {
    question: lastQuestion.input,
    locale,
    conversation_id: conversationId,
    contact_id: contactId,
  });
}

async function remind(
  { outreach, i18n }: HandOverJobDependencies,
  scope: TenantScope,
  conversationId: string,
  deskId: string,
): Promise<void> {
  const [conversation, desk] = await Promise.all([
    scope.conversations.get(conversationId),
    scope.conversations.get(deskId),
  ]);
  if (conversation?.mode !== 'human' || conversation.desk !== undefined || desk === undefined) return;
  const t = i18n.translator(desk.locale ?? scope.settings.locale);
  const name = nameOf(await scope.contacts.get(conversation.contactId), conversation);
  const text = `${t('handover.stillWaiting', { name })}\n\n${await lastMessages(scope, conversation, name, t)}`;
  const key = `remind:${conversationId}:${conversation.modeNumber}:${deskId}`;
  await outreach.say(scope, deskId, key, { text, buttons: waitingButtons(conversation, t) }, 'command');
}
