import type { Action, Actions, Decider, Decision, DecisionOutcome } from '../contracts/actions.js';
import type { AuditLog } from '../contracts/audit.js';
import type { Outreach, OutreachContent } from '../contracts/chat.js';
import type { I18n, Translate } from '../contracts/i18n.js';
import type { ToolCall } from '../contracts/model.js';
import { defineJob, handleJob, type Job, type JobQueue } from '../contracts/queue.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { Conversation, TenantScope } from '../contracts/stores.js';
import type { Tool, ToolContext } from '../contracts/tool.js';
import { canonicalHash } from '../lib/api/canonical-hash.js';
import { derivedId } from '../lib/ids/make-id.js';
import { actionStore } from './action-store.js';
import { executeToolCall } from './execute-tool-call.js';
import { isOffered } from './offered.js';
import type { Toolbox } from './registry.js';
import { summaryOf } from './summary.js';
import { toolSettingsStore } from './tool-settings-store.js';

const EXPIRES_AFTER_MS = 600_000;
/** Time limit of one run, in ms. */
const RUN_MS = 60_000;

/** The job runs this long after a decision, even if the process dies right after deciding. */
const FIND_DECIDED_MS = 2_000;

/** Where crash tests kill the process. */
export const ACTION_CRASH_POINTS = [
  'action-decided',
  'action-begun',
  'action-ran',
  'action-noted',
  'action-told',
] as const;
export type AtActionPoint = (point: (typeof ACTION_CRASH_POINTS)[number]) => void;

const actionJob = defineJob<{ readonly actionId: string }>('tools.action', { concurrency: 4 });

export interface ActionDependencies {
  readonly toolbox: Toolbox;
  readonly queue: JobQueue;
  readonly outreach: Outreach;
  readonly staffConversations: (
    scope: TenantScope,
    exceptContact: string,
  ) => Promise<readonly Conversation[]>;
  /** Whether this contact is currently staff in this conversation. */
  readonly isStaff: (scope: TenantScope, contactId: string, conversation: Conversation) => Promise<boolean>;
  readonly audit?: AuditLog;
  readonly i18n: Pick<I18n, 'translator'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly at?: AtActionPoint;
}

type RunnableCall = Pick<ToolCall, 'name' | 'arguments'>;

/**
 * Runs tools with effects: requests, confirmations, runs that happen at most once, and reports of the
 * outcome.
 */
export class ActionsService implements Actions {
  constructor(private readonly deps: ActionDependencies) {}

  jobs(): readonly Job[] {
    return [
      handleJob(actionJob, {
        run: (scope, { actionId }, { signal }) => this.settle(scope, actionId, signal),
      }),
    ];
  }

  /**
   * Stores the call until somebody decides. A turn asks only once: if retried, it asks for the same action.
   */
  async ask(
    tool: Tool,
    call: RunnableCall,
    confirmation: 'person' | 'staff',
    context: ToolContext,
  ): Promise<Action> {
    const { scope, turnId } = context;
    const id = derivedId('action', scope.tenantId, turnId);
    const { action } = await scope
      .store(actionStore)
      .insert(this.make(id, tool, call, { confirmation, status: 'waiting' }, context));
    // Queued from the start, so that the job also finds a decision after which the process died.
    if (action.status === 'waiting') await this.enqueue(scope, action, action.expiresAt);
    if (action.confirmation === 'staff' && !context.isStaff) await this.askStaff(scope, tool, action);
    return action;
  }

  /** Runs a call that needs no confirmation, at most once however often the turn is retried. */
  async runUnasked(tool: Tool, call: ToolCall, context: ToolContext): Promise<Action> {
    const { scope, turnId } = context;
    const store = scope.store(actionStore);
    const id = derivedId('action', scope.tenantId, turnId, call.name, canonicalHash(call.arguments));
    const draft = this.make(id, tool, call, { confirmation: 'never', status: 'running' }, context);
    const { action } = await store.insert({ ...draft, toldAt: context.now });
    const started = await store.begin(id, this.deps.clock.now());
    if (started !== undefined) return this.run(started, context);
    return action.status === 'running' ? this.inDoubt(scope, action) : action;
  }

  async decide(scope: TenantScope, id: string, decision: Decision, by: Decider): Promise<DecisionOutcome> {
    const store = scope.store(actionStore);
    const action = await store.get(id);
    if (action === undefined) return { type: 'unknown' };
    if (!(await mayDecide(scope, action, decision, by))) return { type: 'not-yours' };
    const decidedBy = by.type === 'api' ? 'api' : by.contactId;
    const now = this.deps.clock.now();
    if (action.status === 'waiting') {
      await this.enqueue(scope, action, new Date(now.getTime() + FIND_DECIDED_MS));
    }
    const decided = await store.decide(id, now, {
      status: decision === 'confirm' ? 'running' : 'cancelled',
      decidedBy,
      // Somebody who cancels in their own chat gets the reply there.
      ...(decision === 'cancel' && decidedBy === action.contactId ? { toldAt: now } : {}),
    });
    if (decided !== undefined) {
      this.at('action-decided');
      await this.enqueue(scope, decided, now);
      await this.noteDecision(scope, id, decision, by);
      return { type: 'decided', action: decided, isNew: true };
    }
    const later = this.current((await store.get(id)) ?? action);
    const wasConfirmed = ['running', 'done', 'failed'].includes(later.status);
    const isSame = decision === 'confirm' ? wasConfirmed : later.status === 'cancelled';
    return isSame ? { type: 'decided', action: later, isNew: false } : { type: 'too-late', action: later };
  }

  /** Notes the decision in the audit log; decisions through the API are noted with the request. */
  private async noteDecision(scope: TenantScope, id: string, decision: Decision, by: Decider): Promise<void> {
    if (by.type === 'api') return;
    const actor = { type: by.isStaff ? 'staff' : 'person', id: by.contactId } as const;
    await this.deps.audit?.note(scope, { actor, action: `actions.${decision}`, target: id });
  }

  /** The action as of now: if nobody decided it in time, it has expired. */
  current(action: Action): Action {
    const isOver = action.status === 'waiting' && action.expiresAt <= this.deps.clock.now();
    return isOver ? { ...action, status: 'expired' } : action;
  }

  private at(point: (typeof ACTION_CRASH_POINTS)[number]): void {
    this.deps.at?.(point);
  }

  private make(
    id: string,
    tool: Tool,
    call: RunnableCall,
    how: Pick<Action, 'confirmation' | 'status'>,
    { contactId, conversationId, isBusiness, locale }: ToolContext,
  ): Action {
    const now = this.deps.clock.now();
    return {
      id,
      tool: tool.name,
      ...(tool.version === undefined ? {} : { toolVersion: tool.version }),
      arguments: call.arguments,
      summary: summaryOf(tool, call.arguments, this.deps.i18n.translator(locale)),
      ...how,
      contactId,
      conversationId,
      ...(isBusiness === true ? { isBusiness } : {}),
      createdAt: now,
      expiresAt: new Date(now.getTime() + EXPIRES_AFTER_MS),
    };
  }

  private async enqueue(scope: TenantScope, { id }: Action, at: Date): Promise<void> {
    await this.deps.queue.enqueue(actionJob, scope.tenantId, { actionId: id }, { key: id, at });
  }

  /** The job of an action: runs it if confirmed, expires it if overdue, and reports the outcome. */
  private async settle(scope: TenantScope, id: string, signal: AbortSignal): Promise<void> {
    const store = scope.store(actionStore);
    const action = await store.get(id);
    if (action === undefined) return;
    const started = await store.begin(id, this.deps.clock.now());
    if (started !== undefined) {
      await this.tell(scope, await this.runAsAsker(scope, started, signal));
    } else if (action.status === 'running') {
      await this.tell(scope, await this.inDoubt(scope, action));
    } else if (this.current(action).status === 'expired') {
      await this.tell(scope, (await store.change(id, 'waiting', { status: 'expired' })) ?? action);
    } else if (action.status === 'waiting') {
      // Queued for a decision that was not taken.
      await this.enqueue(scope, action, action.expiresAt);
    } else {
      await this.tell(scope, action);
    }
  }

  /** Runs the action on behalf of the person who asked, with their current permissions. */
  private async runAsAsker(scope: TenantScope, action: Action, signal: AbortSignal): Promise<Action> {
    const { clock, isStaff } = this.deps;
    const conversation = await scope.conversations.get(action.conversationId);
    if (conversation === undefined) return this.fail(scope, action, 'not-allowed', 'The person is gone.');
    const context: ToolContext = {
      scope,
      contactId: action.contactId,
      conversationId: conversation.id,
      turnId: action.id,
      isStaff: action.isBusiness === true || (await isStaff(scope, action.contactId, conversation)),
      locale: conversation.locale ?? scope.settings.locale,
      now: clock.now(),
      signal: AbortSignal.any([signal, AbortSignal.timeout(RUN_MS)]),
    };
    const tool = (await this.deps.toolbox.of(scope)).get(action.tool);
    const settings = await scope.store(toolSettingsStore).get(action.tool);
    const isSame = tool?.version === action.toolVersion;
    if (tool === undefined || !isSame || !isOffered(tool, settings, context.isStaff)) {
      return this.fail(scope, action, 'not-allowed', 'This is not allowed any more.');
    }
    return this.run(action, context);
  }

  private async run(action: Action, context: ToolContext): Promise<Action> {
    const { toolbox, logger } = this.deps;
    const registry = await toolbox.of(context.scope);
    const call = { id: action.id, name: action.tool, arguments: action.arguments };
    try {
      this.at('action-begun');
      const outcome = await executeToolCall(call, { registry, context, logger, isConfirmed: true });
      this.at('action-ran');
      const result: unknown = readResult(outcome.result.content);
      if (outcome.type === 'refused') {
        return await this.fail(context.scope, action, outcome.kind, messageIn(result));
      }
      const store = context.scope.store(actionStore);
      return (await store.change(action.id, 'running', { status: 'done', result })) ?? action;
    } catch (error) {
      if (!context.signal.aborted) throw error;
      return this.inDoubt(context.scope, action);
    }
  }

  private inDoubt(scope: TenantScope, action: Action): Promise<Action> {
    return this.fail(scope, action, 'unknown', 'It was interrupted: unknown whether it was done.');
  }

  private async fail(scope: TenantScope, action: Action, code: string, detail: string): Promise<Action> {
    const change = { status: 'failed', error: { code, detail } } as const;
    return (await scope.store(actionStore).change(action.id, 'running', change)) ?? action;
  }

  private async tell(scope: TenantScope, action: Action): Promise<void> {
    const { status, toldAt, id, conversationId, error } = action;
    if (toldAt !== undefined || status === 'waiting' || status === 'running') return;
    this.at('action-noted');
    const conversation = await scope.conversations.get(conversationId);
    if (conversation !== undefined) {
      const t = this.translatorFor(scope, conversation);
      const text = t('action.outcome', {
        status: error?.code === 'unknown' ? 'unknown' : status,
        summary: await this.summary(scope, action, t),
      });
      await this.say(scope, conversation, `action:${id}:${status}`, text, id);
    }
    this.at('action-told');
    await scope.store(actionStore).change(id, status, { toldAt: this.deps.clock.now() });
  }

  private async askStaff(scope: TenantScope, tool: Tool, action: Action): Promise<void> {
    const asker = await scope.contacts.get(action.contactId);
    for (const conversation of await this.deps.staffConversations(scope, action.contactId)) {
      const t = this.translatorFor(scope, conversation);
      const summary = summaryOf(tool, action.arguments, t);
      const text = t('action.askStaff', { name: asker?.name ?? asker?.id ?? '', summary });
      const buttons = [
        [
          { label: t('button.confirmAction'), action: `/confirm ${action.id}` },
          { label: t('button.cancelAction'), action: `/cancel ${action.id}` },
        ],
      ];
      const key = `action:${action.id}:ask:${conversation.id}`;
      await this.say(scope, conversation, key, { text, buttons }, action.id);
    }
  }

  private async summary(scope: TenantScope, action: Action, t: Translate): Promise<string> {
    const tool = (await this.deps.toolbox.of(scope)).get(action.tool);
    return tool === undefined ? action.summary : summaryOf(tool, action.arguments, t);
  }

  private translatorFor(scope: TenantScope, conversation: Conversation): Translate {
    return this.deps.i18n.translator(conversation.locale ?? scope.settings.locale);
  }

  private async say(
    scope: TenantScope,
    { id }: Conversation,
    key: string,
    content: string | OutreachContent,
    actionId: string,
  ): Promise<void> {
    await this.deps.outreach.say(scope, id, key, content, 'command', { type: 'confirmation', actionId });
  }
}

/** The person who asked may decide, in the same conversation; staff, if staff must confirm. */
async function mayDecide(
  scope: TenantScope,
  action: Action,
  decision: Decision,
  by: Decider,
): Promise<boolean> {
  if (by.type === 'api') return true;
  if (action.confirmation === 'staff' && by.isStaff) return true;
  if (action.confirmation === 'staff' && decision === 'confirm') return false;
  const asker = await scope.contacts.get(action.contactId);
  return asker?.id === by.contactId && action.conversationId === by.conversationId;
}

function readResult(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    // It was cut to the size limit.
    return content;
  }
}

function messageIn(result: unknown): string {
  const isProblem = typeof result === 'object' && result !== null && 'message' in result;
  return isProblem && typeof result.message === 'string' ? result.message : 'The tool failed.';
}
