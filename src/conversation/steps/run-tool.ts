import type { ToolResult } from '../../contracts/model.js';
import type { InboxEvent, TurnAnswer } from '../../contracts/turn.js';
import { escapeMarkdown } from '../../lib/text/escape-markdown.js';
import { isObject } from '../../lib/is-object.js';
import { plainAnswer } from '../answers.js';
import { fieldsOf, toolInput } from '../commands/tool-input.js';
import type { ConversationDependencies } from '../dependencies.js';
import { withoutForeignLinks } from '../outgoing/outgoing-policy.js';
import type { TurnState } from '../turn-state.js';
import { askToConfirm } from './ask-to-confirm.js';

/** A command as it was typed. */
interface TypedCall {
  readonly name: string;
  readonly argumentText: string;
  readonly event: Pick<InboxEvent, 'key'>;
}

/** Longest result shown, in characters; a model would have put it in short. */
const LONGEST_RESULT = 2_000;

/**
 * Runs a tool that was called by its name as a command: no model decides anything, so this works without
 * one. `undefined`: the caller has no such tool.
 */
export async function runTool(
  { name, argumentText, event }: TypedCall,
  state: TurnState,
  { tools }: Pick<ConversationDependencies, 'tools'>,
): Promise<TurnAnswer | undefined> {
  const { scope, contact, conversation, turnId, isStaff, locale, now, signal, t } = state;
  const specs = (await tools.specsFor?.(scope, isStaff)) ?? tools.specs;
  const spec = specs.find((each) => each.name.toLowerCase() === name);
  if (spec === undefined) return undefined;
  const usage = `/${spec.name} ${fieldsOf(spec.inputSchema)}`.trim();
  const input = toolInput(argumentText, spec.inputSchema);
  if (input === undefined) return plainAnswer(state, 'command', t('tool.usage', { usage }));
  await state.beforeEffects?.();
  const ids = { contactId: contact.id, conversationId: conversation.id, turnId };
  const reply = await tools.execute(
    { id: `command:${event.key}`, name: spec.name, arguments: input },
    { scope, ...ids, isStaff, locale, now, signal },
  );
  if ('pending' in reply) return askToConfirm(state, reply.pending);
  if (reply.isError) return plainAnswer(state, 'command', t('tool.failed', { usage }));
  const { allowed_link_hosts: hosts } = scope.settings;
  return plainAnswer(state, 'tool', withoutForeignLinks(resultText(reply), '', hosts, t('link.removed')));
}

function resultText({ content }: ToolResult): string {
  const text = linesOf(parseResult(content)).join('\n');
  return text.length <= LONGEST_RESULT ? text : `${text.slice(0, LONGEST_RESULT)} […]`;
}

/** Results are JSON, but may be cut. */
function parseResult(content: string): unknown {
  try {
    return JSON.parse(content) as unknown;
  } catch {
    return content;
  }
}

function linesOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map((item) => `- ${inOneLine(item)}`);
  if (!isObject(value)) return [inOneLine(value)];
  return Object.entries(value).map(([name, item]) => `**${escapeMarkdown(name)}**: ${inOneLine(item)}`);
}

function inOneLine(value: unknown): string {
  if (isObject(value)) {
    return Object.entries(value)
      .map(([name, item]) => `${escapeMarkdown(name)}: ${inOneLine(item)}`)
      .join('; ');
  }
  if (Array.isArray(value)) return value.map(inOneLine).join(', ');
  return escapeMarkdown(typeof value === 'string' ? value : JSON.stringify(value));
}
