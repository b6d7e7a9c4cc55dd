import { z } from 'zod';
import type { I18n } from '../../contracts/i18n.js';
import type { Locale } from '../../contracts/message.js';
import type { Clock } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import type { Turn } from '../../contracts/turn.js';
import { attendanceOf, type Attendance } from '../../lib/attendance.js';
import { HttpProblem, retryAfter } from '../../lib/api/problem.js';
import type { EventSink } from '../../lib/api/route.js';
import { awaySentence } from '../../lib/time/opening-hours.js';
import { answerJson, answerSchema } from './answer-json.js';

/** Maximum number of turns read at once; no more than this are made between two looks. */
const LOOKED_AT = 50;
/** A turn made slightly earlier than another can be stored after it. */
const STORED_LATE_MS = 10_000;
/** Polling intervals while something is going on, and otherwise. */
const LIVELY_MS = 1_000;
const QUIET_MS = 5_000;
const LIVELY_FOR_MS = 120_000;
/** Open pages per visitor, and in total for this process. */
const MOST_OF_A_VISITOR = 5;
const MOST_OF_ALL = 2_000;

export const pushedMessageSchema = answerSchema.extend({
  role: z.enum(['assistant', 'staff']),
  created_at: z.iso.datetime(),
});

export interface VisitorCall {
  readonly scope: TenantScope;
  readonly visitorId: string;
  readonly conversationId: string;
  /** The last message the page already has. */
  readonly after: string | undefined;
  /** Language of the page. */
  readonly locale: Locale;
  /** Ends the stream. */
  readonly signal: AbortSignal;
}

/** Streams to open pages what is written to their visitors: by staff, after a hand-over, or by follow-ups. */
export class VisitorEvents {
  private readonly open = new Map<string, number>();
  private total = 0;

  constructor(private readonly deps: { readonly clock: Clock; readonly i18n: I18n }) {}

  /** Throws a 429 `HttpProblem` if too many are open; otherwise the place is reserved until `run` ends. */
  follow(call: VisitorCall): (sink: EventSink) => Promise<void> {
    const openCount = this.open.get(call.visitorId) ?? 0;
    if (openCount >= MOST_OF_A_VISITOR || this.total >= MOST_OF_ALL) {
      const message = 'Too many pages are open. Close some, or wait a little.';
      throw new HttpProblem(429, 'too_many_requests', message, { headers: retryAfter(30_000) });
    }
    this.count(call.visitorId, 1);
    return async (sink) => {
      try {
        await this.watch(call, sink);
      } finally {
        this.count(call.visitorId, -1);
      }
    };
  }

  private count(visitorId: string, change: 1 | -1): void {
    this.total += change;
    const openCount = (this.open.get(visitorId) ?? 0) + change;
    if (openCount === 0) this.open.delete(visitorId);
    else this.open.set(visitorId, openCount);
  }

  private async watch(call: VisitorCall, sink: EventSink): Promise<void> {
    const { scope, conversationId, signal } = call;
    const sentIds = new Set<string>();
    const since = await this.startOf(call);
    if (call.after !== undefined) sentIds.add(call.after);
    let lastAttendance = '';
    while (!signal.aborted) {
      const conversation = await scope.conversations.get(conversationId);
      const turns = conversation === undefined ? [] : await scope.turns.recent(conversationId, LOOKED_AT);
      for (const turn of turns.filter((item) => isPushed(item) && item.createdAt >= since)) {
        if (sentIds.has(turn.id)) continue;
        sentIds.add(turn.id);
        sink('message', messageJson(turn));
      }
      const now = attendanceOf(conversation);
      const attendance = { state: now, ...this.away(call, now) };
      if (JSON.stringify(attendance) !== lastAttendance) sink('attendance', attendance);
      lastAttendance = JSON.stringify(attendance);
      const newest = turns.at(-1)?.createdAt.getTime() ?? 0;
      const isLively = now !== 'bot' || this.deps.clock.now().getTime() - newest < LIVELY_FOR_MS;
      await this.pause(isLively ? LIVELY_MS : QUIET_MS, signal);
    }
  }

  /** A text that says until when the team is away, unless a staff member is present. */
  private away({ scope, locale }: VisitorCall, attendance: Attendance): { readonly away?: string } {
    if (attendance === 'person') return {};
    const { clock, i18n } = this.deps;
    const away = awaySentence(scope.settings, clock.now(), locale, i18n.translator(locale));
    return away === undefined ? {} : { away };
  }

  private async startOf({ scope, conversationId, after }: VisitorCall): Promise<Date> {
    const last = after === undefined ? undefined : await scope.turns.get(after);
    if (last?.conversationId !== conversationId) return new Date(0);
    return new Date(last.createdAt.getTime() - STORED_LATE_MS);
  }

  private async pause(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await this.deps.clock.sleep(ms, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** Answers to messages are returned by the request that sent the message. */
function isPushed({ origin, status, answer }: Turn): boolean {
  return origin.type !== 'events' && status !== 'open' && answer.bubbles.length > 0;
}

function messageJson(turn: Turn): z.output<typeof pushedMessageSchema> {
  const role = turn.answer.source === 'human' ? 'staff' : 'assistant';
  return { ...answerJson(turn), role, created_at: turn.createdAt.toISOString() };
}
