import type { Root } from 'mdast';
import { fromMarkdown, type CompileContext, type Extension } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

/** A checkbox can occur outside a list item ("*\n[ ] *"), which the library assumes is impossible. */
const boxes: Extension = {
  exit: { taskListCheckValueChecked: ticked(true), taskListCheckValueUnchecked: ticked(false) },
};

function ticked(checked: boolean) {
  return function (this: CompileContext): undefined {
    const item = this.stack.at(-2);
    if (item?.type === 'listItem') item.checked = checked;
  };
}

/** A single tilde means a range, as in "3~5 hari, Rp10.000~20.000"; only a double one strikes text out. */
const GFM = { extensions: [gfm({ singleTilde: false })], mdastExtensions: [gfmFromMarkdown(), boxes] };

/** The supported Markdown: CommonMark with tables, strikethrough, autolinks and task lists. */
export function parseMarkdown(source: string): Root {
  return fromMarkdown(source, GFM);
}
