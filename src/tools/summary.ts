import type { Translate } from '../contracts/i18n.js';
import type { Tool } from '../contracts/tool.js';
import { escapeMarkdown } from '../lib/escape-markdown.js';
import { excerpt } from '../lib/excerpt.js';

const LONGEST_ARGUMENTS = 400;

/** What a call would do. Every argument is in it: nobody agrees to what they were not shown. */
export function summaryOf(tool: Tool, input: Readonly<Record<string, unknown>>, t: Translate): string {
  const parsed = tool.inputSchema.safeParse(input);
  if (tool.summary !== undefined && parsed.success) return tool.summary(parsed.data, t);
  return `${escapeMarkdown(tool.name)} ${escapeMarkdown(excerpt(JSON.stringify(input), LONGEST_ARGUMENTS))}`;
}
