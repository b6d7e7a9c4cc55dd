// Markdown to DOM nodes, never through HTML text: nothing an answer says can become markup.

import { element } from './dom.js';

const INLINE =
  /(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*|_[^_\s][^_]*_|\[\d{1,2}\]|\[[^\]]+\]\(https?:\/\/[^\s)]+\)|https?:\/\/[^\s)<>]+)/g;

export function renderMarkdown(text) {
  const fragment = document.createDocumentFragment();
  const lines = text.split('\n');
  let index = 0;
  while (index < lines.length) {
    const line = lines[index];
    if (line.trim() === '') {
      index += 1;
    } else if (line.startsWith('```')) {
      const end = lines.findIndex((other, at) => at > index && other.startsWith('```'));
      const last = end === -1 ? lines.length : end;
      const pre = element('pre');
      pre.append(element('code', lines.slice(index + 1, last).join('\n')));
      fragment.append(pre);
      index = last + 1;
    } else if (isItem(line)) {
      const ordered = /^\s*\d+[.)]\s/.test(line);
      const list = element(ordered ? 'ol' : 'ul');
      for (; index < lines.length && isItem(lines[index]); index += 1) {
        const item = element('li');
        appendInline(item, lines[index].replace(/^\s*(?:[-*•]|\d+[.)])\s+/, ''));
        list.append(item);
      }
      fragment.append(list);
    } else {
      const block = /^#{1,6}\s/.test(line) ? element('h3') : element('p');
      let first = true;
      for (; index < lines.length && lines[index].trim() !== '' && !isItem(lines[index]); index += 1) {
        if (!first) block.append(element('br'));
        appendInline(block, lines[index].replace(/^#{1,6}\s+/, ''));
        first = false;
      }
      fragment.append(block);
    }
  }
  return fragment;
}

function isItem(line) {
  return /^\s*(?:[-*•]|\d+[.)])\s+\S/.test(line);
}

function appendInline(parent, text) {
  for (const piece of text.split(INLINE)) {
    if (piece === '') continue;
    const link = /^\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)$/.exec(piece);
    if (/^\[\d{1,2}\]$/.test(piece)) {
      const mark = element('sup', piece.slice(1, -1));
      mark.className = 'cite';
      parent.append(mark);
    } else if (link) parent.append(anchor(link[2], link[1]));
    else if (/^https?:\/\//.test(piece)) parent.append(anchor(piece, piece));
    else if (piece.startsWith('`') && piece.length > 2) parent.append(element('code', piece.slice(1, -1)));
    else if (piece.startsWith('**') && piece.length > 4) parent.append(element('strong', piece.slice(2, -2)));
    else if (/^[*_].+[*_]$/.test(piece)) parent.append(element('em', piece.slice(1, -1)));
    else parent.append(piece);
  }
}

function anchor(href, label) {
  const link = element('a', label);
  link.href = href;
  link.target = '_blank';
  link.rel = 'noopener noreferrer nofollow';
  return link;
}
