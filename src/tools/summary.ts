import type { Translate } from '../contracts/i18n.js';
import type { Tool } from '../contracts/tool.js';
import { escapeMarkdown } from '../lib/escape-markdown.js';
import { excerpt } from '../lib/excerpt.js';

const LONGEST_ARGUMENTS = 400;

/**
 * Describes what a call would do, for the person who confirms it. Falls back to the tool's name and its
 * arguments, shortened.
 */
export function summaryOf(tool: Tool, input: Readonly<Record<string, unknown>>, t: Translate): string {
  const parsed = tool.inputSchema.safeParse(input);
  if (tool.summary !== undefined && parsed.success) return tool.summary(parsed.data, t);
  return `${escapeMarkdown(tool.name)} ${escapeMarkdown(excerpt(JSON.stringify(input), LONGEST_ARGUMENTS))}`;
}
