import { DATA_KINDS, type DataPart, type MediaPart, type UserPart } from '../contracts/model.js';

const FENCE_NAMES = DATA_KINDS.join('|');
/** The beginning of anything that could pass for one of our fences. */
const FENCE_START = new RegExp(`<(?=[\\s/]*(?:${FENCE_NAMES})\\b)`, 'giu');

/**
 * Renders one data part as a fenced block. Every `<` in it is escaped, so its text can neither close the
 * fence nor open another one.
 */
export function renderDataPart(part: DataPart): string {
  const number = part.citation === undefined ? '' : ` n="${part.citation}"`;
  return `<${part.kind}${number} title="${attribute(part.title)}">\n${content(part.text)}\n</${part.kind}>`;
}

/** Renders a user's text or data part for a model. */
export function renderTextPart(part: Exclude<UserPart, MediaPart>): string {
  switch (part.type) {
    case 'text':
      return part.text.replace(FENCE_START, '&lt;');
    case 'data':
      return renderDataPart(part);
    default:
      return part satisfies never;
  }
}

function content(text: string): string {
  return text.replaceAll('<', '&lt;');
}

function attribute(title: string): string {
  return content(title).replaceAll('"', '&quot;').replace(/\s+/gu, ' ').trim();
}
