import type { Translate } from '../contracts/i18n.js';
import type { Tool } from '../contracts/tool.js';
import { escapeMarkdown } from '../lib/text/escape-markdown.js';

/** Describes what a call would do, for the person who confirms it. Falls back to the name and all arguments. */
export function summaryOf(tool: Tool, input: Readonly<Record<string, unknown>>, t: Translate): string {
  const parsed = tool.inputSchema.safeParse(input);
  if (tool.summary !== undefined && parsed.success) return tool.summary(parsed.data, t);
  return [escapeMarkdown(tool.name), ...argumentLines(input)].join('\n');
}

/** One line for each argument, in full, because nobody should confirm what they did not see. */
export function argumentLines(input: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(input).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `- ${escapeMarkdown(name)}: ${escapeMarkdown(text)}`;
  });
}
