import type { Translate } from '../../contracts/i18n.js';
import type { Tool, ToolContext } from '../../contracts/tool.js';
import { canonicalHash } from '../../lib/api/canonical-hash.js';
import { escapeMarkdown } from '../../lib/escape-markdown.js';
import { excerpt } from '../../lib/excerpt.js';
import type { GuardedFetch } from '../../lib/guarded-fetch.js';
import { derivedId } from '../../lib/make-id.js';
import { callHttp, type HttpRequest } from './call-http.js';
import { isObject } from '../../lib/is-object.js';
import { argumentLines } from '../summary.js';
import { inputOf } from './input-schema.js';
import type { HttpCall, McpCall, OwnTool } from './own-tool.js';
import type { HeaderVault } from './sealed-headers.js';

const SUMMARY_DESCRIPTION = 200;

export interface OwnToolNeeds {
  readonly outbound: GuardedFetch;
  readonly vault: HeaderVault;
  readonly callMcp: (
    own: OwnTool,
    call: McpCall,
    input: HttpRequest['input'],
    context: ToolContext,
    idempotencyKey: string,
  ) => Promise<unknown>;
}

/** Turns a tool that a business added into one a turn can use. */
export function openOwnTool(own: OwnTool, needs: OwnToolNeeds): Tool {
  let inputSchema: Tool['inputSchema'] | undefined;
  return {
    name: own.name,
    description: own.description,
    // Built on first use: every turn opens all tools but calls few of them.
    get inputSchema() {
      return (inputSchema ??= inputOf(own.inputSchema).zod);
    },
    jsonSchema: own.inputSchema,
    effect: own.effect,
    version: canonicalHash([own.effect, own.inputSchema, own.call]),
    ...(own.confirmation === undefined ? {} : { confirmation: own.confirmation }),
    summary: (input, t) => summaryOf(own, isObject(input) ? input : {}, t),
    run(input, context) {
      const args = isObject(input) ? input : {};
      switch (own.call.type) {
        case 'http':
          return runHttp(own, own.call, args, context, needs);
        case 'mcp':
          return needs.callMcp(own, own.call, args, context, runKey(own, args, context));
        default:
          return own.call satisfies never;
      }
    },
  };
}

async function runHttp(
  own: OwnTool,
  call: HttpCall,
  input: HttpRequest['input'],
  context: ToolContext,
  { outbound, vault }: OwnToolNeeds,
): Promise<unknown> {
  const request = {
    call,
    input,
    contact: call.url.includes('{contact.') ? await contactValues(context) : {},
    headers: vault.open(context.scope.tenantId, own.name, own.sealedHeaders),
    idempotencyKey: runKey(own, input, context),
    isWrite: own.effect === 'write',
    signal: context.signal,
  };
  return callHttp(request, outbound);
}

/** The same for the same call within the same turn, however often it is retried. */
function runKey({ name }: OwnTool, input: HttpRequest['input'], { scope, turnId }: ToolContext): string {
  return derivedId('run', scope.tenantId, turnId, name, canonicalHash(input));
}

async function contactValues({ scope, contactId, conversationId }: ToolContext) {
  const [contact, conversation] = await Promise.all([
    scope.contacts.get(contactId),
    scope.conversations.get(conversationId),
  ]);
  const identity = contact?.identities.find(({ accountId }) => accountId === conversation?.accountId);
  return {
    'contact.id': contact?.id,
    'contact.name': contact?.name,
    'contact.phone': contact?.phone,
    'contact.email': contact?.email,
    'contact.channel': conversation?.channel,
    'contact.user_id': identity?.userId,
  };
}

function summaryOf(own: OwnTool, input: HttpRequest['input'], t: Translate): string {
  const description = escapeMarkdown(excerpt(own.description, SUMMARY_DESCRIPTION));
  return [t('tool.own', { name: escapeMarkdown(own.name), description }), ...argumentLines(input)].join('\n');
}
