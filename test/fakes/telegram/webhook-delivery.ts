import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { badRequest } from './bot-api-error.js';
import type { Params } from './types.js';
import type { FakeUpdate, UpdateQueue } from './update-queue.js';

/** How long Telegram waits for a response, in ms. */
const ANSWER_TIMEOUT_MS = 60_000;
const LONGEST_RESEND_SECONDS = 60;
const LONGEST_RETRY_AFTER_SECONDS = 3_600;

const settingsSchema = z.object({
  url: z.string().default(''),
  secret_token: z
    .string()
    .max(256, 'secret token is too long')
    .regex(/^[A-Za-z0-9_-]*$/, 'secret token contains unallowed characters')
    .default(''),
  max_connections: z.int().default(40),
  allowed_updates: z.array(z.string()).optional(),
  drop_pending_updates: z.boolean().default(false),
});

/** One attempt to deliver an update. */
export interface DeliveryAttempt {
  readonly updateId: number;
  readonly chatId: number;
  /** HTTP status; absent if there was no response. */
  readonly status?: number;
  /** In ms since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
}

interface Resend {
  readonly failures: number;
  readonly delaySeconds: number;
  readonly atMs: number;
}

/**
 * Calls a webhook as Telegram does (WebhookActor of its own Bot API server): chats in parallel, within a chat
 * one update at a time and in order, resent until the response is a success: immediately, then after doubling
 * waits, or after what `Retry-After` asks for. Like a server with `--local`, it accepts http.
 */
export class WebhookDelivery {
  url = '';
  secretToken = '';
  maxConnections = 40;
  /** Telegram is slow: it holds updates back and reports no error. */
  private isHeldBack = false;
  /** As on api.telegram.org. */
  requiresHttps = false;
  readonly attempts: DeliveryAttempt[] = [];
  private lastError: { readonly date: number; readonly message: string } | undefined;
  private readonly resends = new Map<FakeUpdate, Resend>();
  private inFlight = new Map<FakeUpdate, number>();
  /** Distinguishes settings: a response to a call made under earlier ones confirms nothing. */
  private generation = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly updates: UpdateQueue,
    /** Length of a second in Telegram's waits, in ms. */
    private readonly secondMs: number,
  ) {
    updates.watch(() => this.send());
  }

  /** Implements setWebhook. */
  set(params: Params): void {
    const settings = settingsSchema.parse(params);
    if (this.requiresHttps && settings.url !== '' && !settings.url.startsWith('https:'))
      throw badRequest('bad webhook: An HTTPS URL must be provided for webhook');
    if (settings.drop_pending_updates) this.updates.drop();
    if (settings.allowed_updates) this.updates.allow(settings.allowed_updates);
    if (settings.url !== '') this.updates.interrupt('terminated by setWebhook request');
    const isSame = settings.url === this.url && settings.secret_token === this.secretToken;
    this.url = settings.url;
    this.secretToken = settings.secret_token;
    this.maxConnections = Math.min(100, Math.max(1, settings.max_connections));
    if (isSame) return;
    this.generation++;
    this.inFlight = new Map();
    this.resends.clear();
    this.lastError = undefined;
    this.send();
  }

  /** Implements getWebhookInfo. */
  info(): Readonly<Record<string, unknown>> {
    const { lastError } = this;
    return {
      url: this.url,
      has_custom_certificate: false,
      pending_update_count: this.updates.unconfirmed.length,
      ...(this.url === '' ? {} : { max_connections: this.maxConnections, ip_address: '127.0.0.1' }),
      ...(lastError ? { last_error_date: lastError.date, last_error_message: lastError.message } : {}),
    };
  }

  /** Delivers nothing more until `delivers` is called; no error is reported. */
  holdsBack(): void {
    this.isHeldBack = true;
  }

  delivers(): void {
    this.isHeldBack = false;
    this.send();
  }

  /** Shuts this Telegram down. */
  close(): void {
    clearTimeout(this.timer);
    this.url = '';
    this.generation++;
  }

  /** Sends the first update of each chat whose turn it is. */
  private send(): void {
    clearTimeout(this.timer);
    if (this.url === '' || this.isHeldBack) return;
    const busyChats = new Set(this.inFlight.values());
    let nextMs = Infinity;
    for (const update of this.updates.deliverable()) {
      const chatId = chatOf(update);
      if (busyChats.has(chatId)) continue;
      busyChats.add(chatId);
      const waitMs = (this.resends.get(update)?.atMs ?? 0) - Date.now();
      if (waitMs > 0) nextMs = Math.min(nextMs, waitMs);
      else if (this.inFlight.size < this.maxConnections) void this.deliver(update, chatId);
    }
    if (nextMs < Infinity) this.timer = setTimeout(() => this.send(), nextMs);
  }

  private async deliver(update: FakeUpdate, chatId: number): Promise<void> {
    const { generation } = this;
    this.inFlight.set(update, chatId);
    const startedAt = Date.now();
    const outcome = await this.post(update);
    const status = 'status' in outcome ? { status: outcome.status } : {};
    this.attempts.push({ updateId: update.update_id, chatId, ...status, startedAt, endedAt: Date.now() });
    if (generation !== this.generation) return;
    this.inFlight.delete(update);
    if ('status' in outcome && outcome.status >= 200 && outcome.status <= 299) {
      this.resends.delete(update);
      this.updates.confirm(update);
    } else this.resendLater(update, outcome);
    this.send();
  }

  private resendLater(update: FakeUpdate, outcome: Awaited<ReturnType<WebhookDelivery['post']>>): void {
    const message =
      'status' in outcome
        ? `Wrong response from the webhook: ${outcome.status} ${STATUS_CODES[outcome.status] ?? ''}`
        : outcome.failure;
    this.lastError = { date: Math.floor(Date.now() / 1000), message };
    const { failures = 0, delaySeconds = 1 } = this.resends.get(update) ?? {};
    const retryAfterSeconds =
      'status' in outcome ? Math.min(LONGEST_RETRY_AFTER_SECONDS, outcome.retryAfter) : 0;
    const nextDelay =
      retryAfterSeconds === 0 && failures > 0
        ? Math.min(LONGEST_RESEND_SECONDS, delaySeconds * 2)
        : delaySeconds;
    const effective = retryAfterSeconds > 0 ? retryAfterSeconds : failures > 0 ? nextDelay : 0;
    const atMs = Date.now() + effective * this.secondMs;
    this.resends.set(update, { failures: failures + 1, delaySeconds: nextDelay, atMs });
  }

  private async post(
    update: FakeUpdate,
  ): Promise<{ readonly status: number; readonly retryAfter: number } | { readonly failure: string }> {
    // Tests have no network except this machine.
    if (!['127.0.0.1', 'localhost'].includes(new URL(this.url).hostname))
      return { failure: 'Failed to resolve host: Name or service not known' };
    try {
      const response = await fetch(this.url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'Content-Type': 'application/json',
          ...(this.secretToken === '' ? {} : { 'X-Telegram-Bot-Api-Secret-Token': this.secretToken }),
        },
        body: JSON.stringify(update),
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      });
      await response.arrayBuffer();
      return { status: response.status, retryAfter: Number(response.headers.get('retry-after') ?? 0) || 0 };
    } catch (error) {
      const isTimeout = error instanceof Error && error.name === 'TimeoutError';
      return { failure: isTimeout ? 'Read timeout expired' : 'Connection refused' };
    }
  }
}

const inChat = z.object({ chat: z.object({ id: z.int() }) }).optional();
const chatSchema = z.object({
  message: inChat,
  edited_message: inChat,
  callback_query: z.object({ message: inChat }).optional(),
});

/** The chat whose queue an update belongs to; an update without a chat gets a queue of its own. */
function chatOf(update: FakeUpdate): number {
  const { message, edited_message: edited, callback_query: query } = chatSchema.catch({}).parse(update);
  return (message ?? edited ?? query?.message)?.chat.id ?? -update.update_id - 0.5;
}
