import type { Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

/** A single tilde is a range, as in "3~5 hari, Rp10.000~20.000"; two of them strike text out. */
const GFM = { extensions: [gfm({ singleTilde: false })], mdastExtensions: [gfmFromMarkdown()] };

/** Our Markdown: CommonMark with tables, strikethrough, autolinks and task lists. */
export function parseMarkdown(source: string): Root {
  return fromMarkdown(source, GFM);
}
