import type { Events } from '../../contracts/events.js';
import { feedbackData } from '../../lib/feedback-data.js';
import { z } from 'zod';
import type { ChatAddress } from '../../contracts/channel.js';
import type { Locale } from '../../contracts/message.js';
import type { ServiceStore, Tenant, TenantScope } from '../../contracts/stores.js';
import { jsonBody } from '../../lib/api/body-spec.js';
import { idSchema, localeSchema, pageQuery, tenantIdSchema } from '../../lib/api/fields.js';
import { listAnswer, pageRequest, wholeList } from '../../lib/api/page.js';
import type { RequestFacts, Route } from '../../lib/api/route.js';
import { defineRoute, empty, json } from '../../lib/api/route.js';
import { pushedMessageSchema, VisitorEvents } from '../chat/visitor-events.js';
import type { AnswerChat } from '../chat/answer-chat.js';
import { answerExample, answerSchema } from '../chat/answer-json.js';
import { feedbackBodySchema, webChatBodySchema } from '../chat/chat-body.js';
import { HttpProblem, notFound } from '../../lib/api/problem.js';
import { hostOfOrigin } from '../server/cross-origin.js';
import type { RateLimits } from '../server/rate-limits.js';
import { signVisitor } from '../server/visitor-token.js';
import { feedbackOf } from './chat.js';
import { messageJson, messagesResponse } from './conversation-json.js';
import type { I18n } from '../../contracts/i18n.js';
import type { Clock, MakeId } from '../../contracts/runtime.js';

/** Dependencies of these routes. */
export interface WebRouteNeeds {
  readonly events: Events;
  readonly service: Pick<ServiceStore, 'tenant' | 'tenantByHost' | 'scope'>;
  readonly i18n: I18n;
  /** The id `Intake.accept` gives to the conversation at this address. */
  conversationIdOf(accountId: string, chat: ChatAddress): string;
  readonly clock: Clock;
  readonly makeId: MakeId;
  /** Signs visitor tokens. */
  readonly secret: Uint8Array;
  readonly config: {
    /** The playground's business, used if no Host is mapped. */
    readonly demoTenantId?: string;
  };
}

export const WEB_ACCOUNT = { id: 'web', channel: 'web', config: {} };
const TOKEN_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000;

const sessionBody = z.strictObject({
  tenant: tenantIdSchema.optional().describe('One that this Host, this site or the playground stands for'),
  locale: localeSchema.optional().describe('Language of `strings`; that of the business when absent'),
});

const sessionSchema = z.object({
  token: z.string().describe('For `Authorization: Bearer`, 30 days'),
  visitor_id: z.string(),
  tenant: z.object({ id: z.string(), name: z.string(), locale: localeSchema }),
  locale: localeSchema,
  strings: z.record(z.string(), z.string()).describe('Texts of the chat page'),
});

const sessionExample = {
  token: 'v1.example.example',
  visitor_id: 'visitor_5mQ0x7cWb2nVrT8sYkLd1A',
  tenant: { id: 'demo', name: 'Batik Sekar', locale: 'id' },
  locale: 'en',
  strings: { 'web.send': 'Send' },
};

const pushedExample = {
  ...answerExample,
  answer: 'Your parcel leaves today.',
  bubbles: [{ type: 'text', text: 'Your parcel leaves today.' }],
  source: 'human',
  citations: [],
  role: 'staff',
  created_at: '2026-01-05T02:00:00.000Z',
};

/** A visitor's id is the address of their chat. */
function chatOf(visitorId: string): ChatAddress {
  return { chatId: visitorId, kind: 'direct' };
}

/** `closing` aborts when the service stops; open streams then end and the pages reconnect. */
export function webRoutes(
  deps: WebRouteNeeds,
  answerChat: AnswerChat,
  rateLimits: RateLimits,
  closing: AbortSignal,
): Route[] {
  return [
    sessionRoute(deps),
    chatRoute(deps, answerChat, rateLimits),
    feedbackRoute(deps),
    historyRoute(deps),
    eventsRoute(deps, closing),
  ];
}

function sessionRoute(deps: WebRouteNeeds): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/web/session',
    legacyPaths: ['/web/session'],
    auth: 'public',
    tag: 'web',
    summary: 'Start a visitor session for the chat page or the widget',
    idempotency: 'none',
    body: jsonBody(sessionBody, { locale: 'en' }),
    responses: { 201: { description: 'A new visitor', schema: sessionSchema, example: sessionExample } },
    async handler({ body, request }) {
      const tenant = await tenantOfVisit(deps, request, body.tenant);
      const visitorId = deps.makeId('visitor');
      const expiresAt = new Date(deps.clock.now().getTime() + TOKEN_LIFETIME_MS);
      const locale = body.locale ?? tenant.settings.locale;
      return json(201, {
        token: signVisitor(deps.secret, { tenantId: tenant.id, visitorId, expiresAt }),
        visitor_id: visitorId,
        tenant: { id: tenant.id, name: tenant.settings.name, locale: tenant.settings.locale },
        locale,
        strings: { ...stringsOf(deps, tenant, locale), ...(await startersOf(deps, tenant, locale)) },
      });
    },
  });
}

/**
 * The business a visit belongs to: that of the Host, of the site embedding the widget, or of the playground.
 * Naming any other one is answered as if it did not exist.
 */
async function tenantOfVisit(
  deps: WebRouteNeeds,
  request: RequestFacts,
  requestedId: string | undefined,
): Promise<Tenant> {
  const site = hostOfOrigin(request.origin);
  const { demoTenantId } = deps.config;
  const candidates = [
    await deps.service.tenantByHost(request.host),
    site === undefined ? undefined : await deps.service.tenantByHost(site),
    demoTenantId === undefined ? undefined : await deps.service.tenant(demoTenantId),
  ].filter((tenant) => tenant !== undefined);
  const tenant = candidates.find(({ id }) => requestedId === undefined || id === requestedId);
  if (tenant === undefined) throw new HttpProblem(404, 'tenant_not_found', 'There is no such tenant.');
  return tenant;
}

function stringsOf(deps: WebRouteNeeds, tenant: Tenant, locale: Locale): Record<string, string> {
  const t = deps.i18n.translator(locale);
  // These suggestions are about the sample's goods; other businesses start with their own questions.
  const isSample = tenant.id === deps.config.demoTenantId;
  const keys = deps.i18n.keys.filter(
    (key) => key.startsWith('web.') && (isSample || !key.startsWith('web.suggestion')),
  );
  return Object.fromEntries(keys.map((key) => [key, t(key, { business: tenant.settings.name })]));
}

/** How many entries to read to find a few short ones. */
const STARTER_PAGE = 40;
const MOST_STARTERS = 4;
const LONGEST_STARTER = 60;

/** Suggested first questions: the business's newest, in the language of the page. */
async function startersOf(
  deps: WebRouteNeeds,
  tenant: Tenant,
  locale: Locale,
): Promise<Record<string, string>> {
  if (tenant.id === deps.config.demoTenantId) return {};
  const scope = await deps.service.scope(tenant.id);
  const newest = await scope?.faq.list({ limit: STARTER_PAGE });
  const questions = (newest?.items ?? [])
    .filter((entry) => entry.locale === locale && entry.question.length <= LONGEST_STARTER)
    .slice(0, MOST_STARTERS);
  return Object.fromEntries(questions.map(({ question }, i) => [`web.suggestion${i + 1}`, question]));
}

function chatRoute(deps: WebRouteNeeds, answerChat: AnswerChat, rateLimits: RateLimits): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/web/chat',
    legacyPaths: ['/web/chat'],
    auth: 'visitor',
    tag: 'web',
    summary: 'Ask a question as a visitor',
    description: 'Like `POST /v1/chat`, also with events.',
    idempotency: 'own',
    body: jsonBody(webChatBodySchema, { messages: [{ role: 'user', content: 'Do you ship to Surabaya?' }] }),
    responses: { 200: { description: 'The answer', schema: answerSchema, example: answerExample } },
    async handler({ body, access: { scope, visitorId }, request }) {
      await rateLimits.visitorChat(visitorId, request.ip);
      const ownConversationId = deps.conversationIdOf(WEB_ACCOUNT.id, chatOf(visitorId));
      if (body.conversation_id !== undefined && body.conversation_id !== ownConversationId) throw notFound();
      return answerChat({
        scope,
        account: { ...WEB_ACCOUNT, tenantId: scope.tenantId },
        userId: visitorId,
        body,
        hashed: body,
        conversationId: undefined,
        keyPrefix: `${visitorId}:`,
        request,
      });
    },
  });
}

function feedbackRoute(deps: WebRouteNeeds): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/web/chat/{message_id}/feedback',
    legacyPaths: ['/web/chat/{message_id}/feedback'],
    auth: 'visitor',
    tag: 'web',
    summary: 'Rate an answer as a visitor',
    // A repeated rating replaces the previous one.
    idempotency: 'none',
    params: z.strictObject({ message_id: idSchema }),
    body: jsonBody(feedbackBodySchema, { rating: 'up' }),
    responses: { 204: { description: 'Stored' } },
    async handler({ params, body, access: { scope, visitorId } }) {
      if (!(await isOwnTurn(scope, params.message_id, visitorId))) throw notFound();
      const feedback = feedbackOf(body, deps.clock.now());
      await scope.turns.saveFeedback(params.message_id, feedback);
      await deps.events.emit(scope, 'feedback.received', feedbackData(params.message_id, feedback));
      return empty;
    },
  });
}

async function isOwnTurn(scope: TenantScope, turnId: string, visitorId: string): Promise<boolean> {
  const turn = await scope.turns.get(turnId);
  return turn?.accountId === WEB_ACCOUNT.id && turn.chat.chatId === visitorId;
}

function historyRoute(deps: WebRouteNeeds): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/web/history',
    legacyPaths: ['/web/history'],
    auth: 'visitor',
    tag: 'web',
    summary: 'Get the visitor’s conversation',
    query: pageQuery.extend({
      newest: z.enum(['true']).optional().describe('The newest `limit` messages instead of the oldest'),
    }),
    responses: { 200: messagesResponse },
    async handler({ query, access: { scope, visitorId } }) {
      const id = deps.conversationIdOf(WEB_ACCOUNT.id, chatOf(visitorId));
      if (!(await scope.conversations.get(id))) return wholeList([], messageJson);
      if (query.newest !== undefined) {
        return wholeList(await scope.conversations.newestMessages(id, query.limit), messageJson);
      }
      return listAnswer(await scope.conversations.messages(id, pageRequest(query)), messageJson);
    },
  });
}

function eventsRoute(deps: WebRouteNeeds, closing: AbortSignal): Route {
  const visitorEvents = new VisitorEvents(deps);
  return defineRoute({
    method: 'GET',
    path: '/v1/web/events',
    auth: 'visitor',
    tag: 'web',
    summary: 'Stream messages sent to the visitor unprompted',
    description: [
      'Server-sent events until either side ends them: `message` (what staff write, notes of a hand-over,',
      'follow-ups; not answers to your own messages) and `attendance` `{state, away?}`, at first and when',
      'it changes: `bot`, `waiting` (people were asked and none took over yet) or `person`; `away` says',
      'until when the team is away, outside opening hours. After a break',
      'give the last `message_id` as `after`. A message may come twice: tell by its `message_id`.',
    ].join(' '),
    query: z.strictObject({
      after: idSchema.optional().describe('`message_id` of the last message you have'),
      locale: localeSchema.optional().describe('Language of `away`; that of the business when absent'),
    }),
    responses: {
      200: {
        description: 'Events',
        schema: pushedMessageSchema,
        example: pushedExample,
        mediaType: 'text/event-stream',
      },
    },
    handler({ query, access: { scope, visitorId }, request }) {
      const conversationId = deps.conversationIdOf(WEB_ACCOUNT.id, chatOf(visitorId));
      const signal = AbortSignal.any([request.signal, closing]);
      const locale = query.locale ?? scope.settings.locale;
      return {
        type: 'events',
        run: visitorEvents.follow({ scope, visitorId, conversationId, after: query.after, locale, signal }),
      };
    },
  });
}
