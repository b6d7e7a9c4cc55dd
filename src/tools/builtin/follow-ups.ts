import { z } from 'zod';
import type { TenantScope } from '../../contracts/stores.js';
import { ToolError, type Tool } from '../../contracts/tool.js';
import { durationMs } from '../../lib/time/duration.js';
import { escapeMarkdown } from '../../lib/text/escape-markdown.js';
import { defineTool } from '../define-tool.js';

/** Scheduled messages, limited to what a person may schedule for themselves. */
export interface OwnFollowUps {
  schedule(
    scope: TenantScope,
    to: { readonly contactId: string; readonly conversationId: string },
    message: string,
    at: Date,
  ): Promise<{ readonly id: string } | undefined>;
  /** The messages to one person that have not been sent yet. */
  pending(
    scope: TenantScope,
    contactId: string,
  ): Promise<readonly { readonly id: string; readonly message: string; readonly nextRunAt?: Date }[]>;
  cancel(scope: TenantScope, id: string): Promise<boolean>;
}

/** At most a year ahead. */
const FURTHEST_MS = 366 * 86_400_000;

export function followUpTools({ followUps }: { readonly followUps: OwnFollowUps }): readonly Tool[] {
  return [
    defineTool({
      name: 'schedule_follow_up',
      description:
        'Writes to the person who asks at a later time, e.g. to remind them. `in` is how long from now: "2 hours", "3 hari" or an ISO 8601 duration.',
      inputSchema: z.strictObject({
        message: z.string().trim().min(1).max(1000),
        in: z.string().max(60),
      }),
      effect: 'write',
      summary: ({ message, in: after }, t) =>
        t('tool.scheduleFollowUp', { message: escapeMarkdown(message), when: escapeMarkdown(after) }),
      async run({ message, in: after }, { scope, contactId, conversationId, now }) {
        const ms = durationMs(after);
        if (ms === undefined || ms > FURTHEST_MS) {
          throw new ToolError('invalid-input', 'The time cannot be read or is too far ahead.');
        }
        const at = new Date(now.getTime() + ms);
        const followUp = await followUps.schedule(scope, { contactId, conversationId }, message, at);
        if (followUp === undefined) throw new ToolError('failed', 'The person cannot be written to.');
        return { id: followUp.id, at: at.toISOString() };
      },
    }),
    defineTool({
      name: 'list_follow_ups',
      description: 'The messages that will be sent to the person who asks later.',
      inputSchema: z.strictObject({}),
      effect: 'read',
      async run(_input, { scope, contactId }) {
        const pending = await followUps.pending(scope, contactId);
        return { follow_ups: pending.map(({ id, message, nextRunAt }) => ({ id, message, at: nextRunAt })) };
      },
    }),
    defineTool({
      name: 'cancel_follow_up',
      description: 'Cancels one of the messages that list_follow_ups tells.',
      inputSchema: z.strictObject({ id: z.string().min(1).max(128) }),
      effect: 'write',
      summary: ({ id }, t) => t('tool.cancelFollowUp', { id: escapeMarkdown(id) }),
      async run({ id }, { scope, contactId }) {
        const pending = await followUps.pending(scope, contactId);
        const isOwn = pending.some((each) => each.id === id);
        if (!isOwn || !(await followUps.cancel(scope, id))) {
          throw new ToolError('failed', 'There is no such message that waits.');
        }
        return { cancelled: true };
      },
    }),
  ];
}
