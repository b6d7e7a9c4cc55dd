import { z } from 'zod';
import type { ToolResult } from '../../contracts/model.js';
import type { Clock, MakeId } from '../../contracts/runtime.js';
import type { Conversation, TenantScope } from '../../contracts/stores.js';
import type { UnconfirmedAction, ToolContext, ToolRunner } from '../../contracts/tool.js';
import { API_ACCOUNT_ID, API_CHANNEL, directChat } from '../../lib/channels/api-account.js';
import { bytesBody } from '../../lib/api/body-spec.js';
import { defineRoute, json, type Route } from '../../lib/api/route.js';
import { conversationIdOf } from '../../lib/ids/conversation-id.js';
import type { Toolbox } from '../registry.js';
import type { McpTools } from './serve-mcp.js';

/** The user id of the business itself, for calls that name no person. */
const OWN_USER = 'mcp';
const LONGEST_USER = 128;

export interface McpRouteNeeds {
  readonly toolbox: Toolbox;
  readonly runner: ToolRunner;
  readonly isStaff: (scope: TenantScope, contactId: string, conversation: Conversation) => Promise<boolean>;
  readonly clock: Clock;
  readonly makeId: MakeId;
}

const messageSchema = z.looseObject({ jsonrpc: z.literal('2.0'), method: z.string() });

/** Makes our tools available to other programs. */
export function mcpRoutes(deps: McpRouteNeeds): Route[] {
  return [
    defineRoute({
      auth: 'tenant',
      tag: 'tools',
      // A key can be limited to this area, so that a program cannot confirm what it asks for.
      area: 'mcp',
      method: 'POST',
      path: '/v1/mcp',
      legacyPaths: ['/mcp'],
      summary: 'Serve the tools of the business over the Model Context Protocol',
      description:
        'Streamable HTTP, without sessions. What changes something and must be agreed to is kept as an action that waits, and the result says so. `_meta.user_id` of a call names the person of the API it is for; without it the business itself asks, as staff.',
      idempotency: 'none',
      body: bytesBody(messageSchema, { jsonrpc: '2.0', id: 1, method: 'tools/list' }),
      responses: {
        200: { description: 'A JSON-RPC answer', schema: z.looseObject({ jsonrpc: z.literal('2.0') }) },
        202: { description: 'A notification was taken' },
      },
      async handler({ body, access: { scope }, request: { headers, signal } }) {
        const { serveMcp } = await import('./serve-mcp.js');
        const request = new Request('http://localhost/v1/mcp', {
          method: 'POST',
          headers: { ...headers },
          body: new Uint8Array(body),
          signal,
        });
        const answer = await serveMcp(request, toolsOf(deps, scope, signal));
        const text = await answer.text();
        return json(answer.status, text === '' ? {} : (JSON.parse(text) as unknown));
      },
    }),
  ];
}

function toolsOf(deps: McpRouteNeeds, scope: TenantScope, signal: AbortSignal): McpTools {
  const { toolbox, runner } = deps;
  return {
    async list() {
      const registry = await toolbox.of(scope);
      const specs = (await runner.specsFor?.(scope, true)) ?? runner.specs;
      return specs.map((spec) => ({ ...spec, isRead: registry.get(spec.name)?.effect === 'read' }));
    },
    async call(name, input, userId) {
      const context = await contextFor(deps, scope, userId, signal);
      const specs = (await runner.specsFor?.(scope, context.isStaff)) ?? runner.specs;
      if (!specs.some((spec) => spec.name === name)) return undefined;
      return resultOf(await runner.execute({ id: context.turnId, name, arguments: input }, context));
    },
  };
}

async function contextFor(
  { isStaff, clock, makeId }: McpRouteNeeds,
  scope: TenantScope,
  user: string | undefined,
  signal: AbortSignal,
): Promise<ToolContext> {
  const now = clock.now();
  const userId = (user ?? OWN_USER).slice(0, LONGEST_USER);
  const identity = { channel: API_CHANNEL, accountId: API_ACCOUNT_ID, userId };
  const contact = await scope.contacts.ensure({ ...identity, at: now });
  const chat = directChat(API_ACCOUNT_ID, API_CHANNEL, userId);
  const conversation = await scope.conversations.ensure({
    id: conversationIdOf(API_ACCOUNT_ID, chat),
    accountId: API_ACCOUNT_ID,
    channel: API_CHANNEL,
    contactId: contact.id,
    chat,
    title: userId,
    at: now,
  });
  return {
    scope,
    contactId: contact.id,
    conversationId: conversation.id,
    // Each call counts as a turn of its own: a client that missed the response checks `/v1/actions`.
    turnId: makeId('mcp'),
    isStaff: user === undefined || (await isStaff(scope, contact.id, conversation)),
    isBusiness: user === undefined,
    locale: conversation.locale ?? scope.settings.locale,
    now,
    signal,
  };
}

function resultOf(reply: ToolResult | UnconfirmedAction) {
  if (!('pending' in reply)) return { text: reply.content, isError: reply.isError };
  const { id, tool, arguments: input, summary, confirmation, expiresAt } = reply.pending;
  const pending = {
    id,
    tool,
    arguments: { ...input },
    summary,
    confirmation,
    expires_at: expiresAt.toISOString(),
  };
  const text = `Not done yet. Somebody must agree first, by POST /v1/actions/${id}/confirm, before ${pending.expires_at}:\n${summary}`;
  return { text, data: { pending_confirmation: pending }, isError: false };
}
