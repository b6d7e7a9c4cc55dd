import { badRequest } from './bot-api-error.js';

export interface TextEntity {
  readonly type: string;
  readonly offset: number;
  readonly length: number;
  readonly url?: string;
  readonly language?: string;
}

export interface FormattedText {
  readonly text: string;
  readonly entities: readonly TextEntity[];
}

const ENTITY_OF_TAG: Readonly<Record<string, string>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  'tg-spoiler': 'spoiler',
  a: 'text_link',
  code: 'code',
  pre: 'pre',
  blockquote: 'blockquote',
};

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };

/** Parses `parse_mode: HTML` as strictly as Telegram: refuses unknown, unclosed and overlapping tags. */
export function parseTelegramHtml(html: string): FormattedText {
  const open: { tag: string; offset: number; attributes: string }[] = [];
  const entities: TextEntity[] = [];
  let text = '';
  for (let at = 0; at < html.length;) {
    const rest = html.slice(at);
    if (html[at] === '<') {
      const tag = /^<(\/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>/.exec(rest);
      if (!tag) throw unparsable(`Unexpected or unclosed start tag at byte offset ${byteOffset(html, at)}`);
      const name = (tag[2] ?? '').toLowerCase();
      if (!(name in ENTITY_OF_TAG)) {
        throw unparsable(`Unsupported start tag "${name}" at byte offset ${byteOffset(html, at)}`);
      }
      if (tag[1] === '') open.push({ tag: name, offset: text.length, attributes: tag[3] ?? '' });
      else {
        const last = open.pop();
        if (last?.tag !== name) {
          throw unparsable(
            `Unmatched end tag at byte offset ${byteOffset(html, at)}, expected "</${last?.tag ?? ''}>", found "</${name}>"`,
          );
        }
        addEntity(entities, last, text.length);
      }
      at += tag[0].length;
      continue;
    }
    const reference = /^&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/i.exec(rest);
    const decoded = reference ? decode(reference) : undefined;
    if (reference && decoded !== undefined) {
      text += decoded;
      at += reference[0].length;
    } else text += html[at++] ?? '';
  }
  const unclosed = open.pop();
  if (unclosed) throw unparsable(`Can't find end tag corresponding to start tag "${unclosed.tag}"`);
  return { text, entities };
}

function addEntity(
  entities: TextEntity[],
  { tag, offset, attributes }: { tag: string; offset: number; attributes: string },
  end: number,
): void {
  const language = /class="language-([^"]*)"/.exec(attributes)?.[1];
  const url = /href="([^"]*)"/.exec(attributes)?.[1]?.replaceAll('&amp;', '&').replaceAll('&quot;', '"');
  entities.push({
    type: ENTITY_OF_TAG[tag] ?? tag,
    offset,
    length: end - offset,
    ...(url === undefined ? {} : { url }),
    ...(language === undefined ? {} : { language }),
  });
}

function decode([, decimal, hex, name]: RegExpExecArray): string | undefined {
  if (name !== undefined) return NAMED[name.toLowerCase()];
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

function unparsable(reason: string): Error {
  return badRequest(`can't parse entities: ${reason}`);
}

function byteOffset(text: string, index: number): number {
  return Buffer.byteLength(text.slice(0, index));
}
