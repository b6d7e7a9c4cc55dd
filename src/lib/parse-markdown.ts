import type { Root } from 'mdast';
import { fromMarkdown, type CompileContext, type Extension } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

/** A box may stand where no list item is ("*\n[ ] *"); the library takes that for impossible. */
const boxes: Extension = {
  exit: { taskListCheckValueChecked: ticked(true), taskListCheckValueUnchecked: ticked(false) },
};

function ticked(checked: boolean) {
  return function (this: CompileContext): undefined {
    const item = this.stack.at(-2);
    if (item?.type === 'listItem') item.checked = checked;
  };
}

/** A single tilde is a range, as in "3~5 hari, Rp10.000~20.000"; two of them strike text out. */
const GFM = { extensions: [gfm({ singleTilde: false })], mdastExtensions: [gfmFromMarkdown(), boxes] };

/** Our Markdown: CommonMark with tables, strikethrough, autolinks and task lists. */
export function parseMarkdown(source: string): Root {
  return fromMarkdown(source, GFM);
}
