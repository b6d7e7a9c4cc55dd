import type { Code, Nodes, Root } from 'mdast';
import { parseMarkdown } from './parse-markdown.js';

/** A fenced code block, and the lines that close and reopen it when it is cut. */
export interface Fence {
  /** The content, without the two fence lines. */
  readonly contentStart: number;
  readonly contentEnd: number;
  /** The first line again, followed by a line feed. */
  readonly opening: string;
  /** A line feed and the fence. */
  readonly closing: string;
}

export interface Boundaries {
  readonly fences: readonly Fence[];
  /** The best place to cut in (start, end], preferably at or after `target`. */
  best(start: number, end: number, target: number): number;
}

/** From the best kind of place to the worst. */
const KINDS = ['block', 'item', 'line', 'sentence', 'word'] as const;

/** Cutting here would break a link, a formatted word, or a block that fits into one part. */
const WHOLE = 1;
/** Cutting here would break a fence's line. */
const FENCE_LINE = 2;

const WHOLE_NODES: ReadonlySet<Nodes['type']> = new Set([
  'code',
  'table',
  'link',
  'linkReference',
  'image',
  'imageReference',
  'inlineCode',
  'strong',
  'emphasis',
  'delete',
]);

/** How far beyond the limit to look; no grapheme cluster in real text is longer. */
const LONGEST_CLUSTER = 64;

const sentenceSegmenter = new Intl.Segmenter(undefined, { granularity: 'sentence' });
const graphemeSegmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Where a Markdown text can be cut into parts of `limit` UTF-16 code units. */
export function findBoundaries(text: string, limit: number): Boundaries {
  const nodes = [...placedNodes(parseMarkdown(text))];
  const fences = nodes.flatMap(({ node, start, end }) => {
    const fence = node.type === 'code' ? fenceOf(text, node, start, end) : undefined;
    return fence && fence.opening.length + fence.closing.length <= limit / 2
      ? [{ ...fence, start, end }]
      : [];
  });
  const guards = new Uint8Array(text.length + 1);
  for (const { node, start, end } of nodes) {
    if (WHOLE_NODES.has(node.type) && end - start <= limit) guards.fill(WHOLE, start + 1, end);
  }
  for (const { start, end, contentStart, contentEnd } of fences) {
    guards.fill(FENCE_LINE, start + 1, contentStart + 1);
    guards.fill(FENCE_LINE, contentEnd, end);
  }
  const lineStart = (offset: number): number => text.lastIndexOf('\n', offset - 1) + 1;
  const startsOf = (isIncluded: (depth: number) => boolean): number[] =>
    nodes
      .filter(({ node, depth }) => isBlock(node) && isIncluded(depth))
      .map(({ start }) => lineStart(start));
  const places: Record<(typeof KINDS)[number], readonly number[]> = {
    block: startsOf((depth) => depth === 1),
    item: startsOf((depth) => depth > 1),
    line: Array.from(text.matchAll(/\n/g), ({ index }) => index + 1),
    sentence: Array.from(sentenceSegmenter.segment(text), ({ index }) => index),
    word: Array.from(text.matchAll(/\s+/g), (match) => match.index + match[0].length),
  };
  const free = KINDS.map((kind) =>
    places[kind].filter((offset) => guards[offset] === 0).sort((a, b) => a - b),
  );
  const anyWord = places.word.filter((offset) => guards[offset] !== FENCE_LINE);
  return {
    fences,
    best(start, end, target) {
      const clusters = graphemeSegmenter.segment(text.slice(start, end + LONGEST_CLUSTER));
      const clusterStart = (offset: number): number =>
        start + (clusters.containing(offset - start)?.index ?? 0);
      const lastIn = (offsets: readonly number[], from: number): number | undefined =>
        lastBetween(
          offsets,
          from,
          end,
          (offset) => offset === text.length || clusterStart(offset) === offset,
        );
      for (const offsets of free) {
        const boundary = lastIn(offsets, Math.max(target, start + 1));
        if (boundary !== undefined) return boundary;
      }
      const anyFree = Math.max(...free.map((offsets) => lastIn(offsets, start + 1) ?? 0));
      if (anyFree > start) return anyFree;
      return lastIn(anyWord, Math.max(target, start + 1)) ?? insideWord(end);

      function insideWord(last: number): number {
        const fence = fences.find(({ contentEnd, end: blockEnd }) => last >= contentEnd && last < blockEnd);
        if (fence && fence.contentEnd - 1 > start) return fence.contentEnd - 1;
        const cluster = clusterStart(last);
        if (cluster > start) return cluster;
        return last - 1 > start && isInsidePair(text, last) ? last - 1 : last;
      }
    },
  };
}

interface PlacedNode {
  readonly node: Nodes;
  readonly depth: number;
  readonly start: number;
  readonly end: number;
}

/**
 * All nodes with their positions in the text. Iterative, because hostile texts nest deeper than the stack.
 */
function* placedNodes(root: Root): Generator<PlacedNode> {
  const waiting: { node: Nodes; depth: number }[] = [{ node: root, depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, depth } = next;
    const start = node.position?.start.offset;
    const end = node.position?.end.offset;
    if (start !== undefined && end !== undefined) yield { node, depth, start, end };
    if ('children' in node)
      for (const child of node.children) waiting.push({ node: child, depth: depth + 1 });
  }
}

function isBlock({ type }: Nodes): boolean {
  switch (type) {
    case 'paragraph':
    case 'heading':
    case 'blockquote':
    case 'list':
    case 'listItem':
    case 'code':
    case 'table':
    case 'html':
    case 'thematicBreak':
      return true;
    default:
      return false;
  }
}

/** `undefined` for indented code and for a fence without content. */
function fenceOf(text: string, node: Code, start: number, end: number): Fence | undefined {
  const opener = /^(`{3,}|~{3,})[^\n]*\n/.exec(text.slice(start, end));
  const marker = opener?.[1];
  if (!opener || marker === undefined || node.value === '') return undefined;
  const contentStart = start + opener[0].length;
  const lastLine = text.lastIndexOf('\n', end - 1) + 1;
  const isClosed = lastLine > contentStart && closes(text.slice(lastLine, end), marker);
  const prefix = prefixOf(text.slice(text.lastIndexOf('\n', start - 1) + 1, start));
  return {
    contentStart,
    contentEnd: isClosed ? lastLine : end,
    opening: prefix + opener[0],
    closing: `\n${prefix}${marker}`,
  };
}

function closes(line: string, marker: string): boolean {
  const fence = line.replace(/^[\s>]*/, '').trimEnd();
  return fence.length >= marker.length && fence === marker.charAt(0).repeat(fence.length);
}

/**
 * Quote marks are repeated; more than three spaces of list indentation would turn the fence into ordinary
 * text.
 */
function prefixOf(before: string): string {
  return before.includes('>') ? before.replace(/[^>]/g, ' ') : ' '.repeat(Math.min(3, before.length));
}

/** The last of the sorted `offsets` in [from, to] that is allowed. */
function lastBetween(
  offsets: readonly number[],
  from: number,
  to: number,
  isAllowed: (offset: number) => boolean,
): number | undefined {
  let low = 0;
  let high = offsets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] ?? Infinity) <= to) low = middle + 1;
    else high = middle;
  }
  for (let index = low - 1; index >= 0; index--) {
    const offset = offsets[index] ?? 0;
    if (offset < from) return undefined;
    if (isAllowed(offset)) return offset;
  }
  return undefined;
}

function isInsidePair(text: string, offset: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(offset - 1, offset + 1));
}
