import type { Translate } from '../../contracts/i18n.js';
import type { Tool, ToolContext } from '../../contracts/tool.js';
import { canonicalHash } from '../../lib/api/canonical-hash.js';
import { escapeMarkdown } from '../../lib/text/escape-markdown.js';
import { excerpt } from '../../lib/text/excerpt.js';
import type { GuardedFetch } from '../../lib/net/guarded-fetch.js';
import { derivedId } from '../../lib/ids/make-id.js';
import { callHttp, type HttpRequest } from './call-http.js';
import { isObject } from '../../lib/is-object.js';
import { argumentLines } from '../summary.js';
import { inputOf } from './input-schema.js';
import type { HttpCall, McpCall, CustomTool } from './custom-tool.js';
import type { HeaderVault } from './sealed-headers.js';

const SUMMARY_DESCRIPTION = 200;

export interface CustomToolNeeds {
  readonly outbound: GuardedFetch;
  readonly vault: HeaderVault;
  readonly callMcp: (
    tool: CustomTool,
    call: McpCall,
    input: HttpRequest['input'],
    context: ToolContext,
    idempotencyKey: string,
  ) => Promise<unknown>;
}

/** Turns a tool that a business added into one a turn can use. */
export function openCustomTool(tool: CustomTool, needs: CustomToolNeeds): Tool {
  let inputSchema: Tool['inputSchema'] | undefined;
  return {
    name: tool.name,
    description: tool.description,
    // Built on first use: every turn opens all tools but calls few of them.
    get inputSchema() {
      return (inputSchema ??= inputOf(tool.inputSchema).zod);
    },
    jsonSchema: tool.inputSchema,
    effect: tool.effect,
    version: canonicalHash([tool.effect, tool.inputSchema, tool.call]),
    ...(tool.confirmation === undefined ? {} : { confirmation: tool.confirmation }),
    summary: (input, t) => summaryOf(tool, isObject(input) ? input : {}, t),
    run(input, context) {
      const args = isObject(input) ? input : {};
      switch (tool.call.type) {
        case 'http':
          return runHttp(tool, tool.call, args, context, needs);
        case 'mcp':
          return needs.callMcp(tool, tool.call, args, context, runKey(tool, args, context));
        default:
          return tool.call satisfies never;
      }
    },
  };
}

async function runHttp(
  tool: CustomTool,
  call: HttpCall,
  input: HttpRequest['input'],
  context: ToolContext,
  { outbound, vault }: CustomToolNeeds,
): Promise<unknown> {
  const request = {
    call,
    input,
    contact: call.url.includes('{contact.') ? await contactValues(context) : {},
    headers: vault.open(context.scope.tenantId, tool.name, tool.sealedHeaders),
    idempotencyKey: runKey(tool, input, context),
    isWrite: tool.effect === 'write',
    signal: context.signal,
  };
  return callHttp(request, outbound);
}

/** The same for the same call within the same turn, however often it is retried. */
function runKey({ name }: CustomTool, input: HttpRequest['input'], { scope, turnId }: ToolContext): string {
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

function summaryOf(tool: CustomTool, input: HttpRequest['input'], t: Translate): string {
  const description = escapeMarkdown(excerpt(tool.description, SUMMARY_DESCRIPTION));
  return [t('tool.own', { name: escapeMarkdown(tool.name), description }), ...argumentLines(input)].join(
    '\n',
  );
}
