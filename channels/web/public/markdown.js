// Converts Markdown to DOM nodes. An answer can produce formatting, but never markup of its own.
import DOMPurify from './vendor/dompurify.js';
import { Marked, Renderer } from './vendor/marked.js';

/** Everything our renderer produces; anything else comes from elsewhere. */
const ALLOWED = {
  ALLOWED_TAGS:
    'p br strong em del code pre ul ol li h3 blockquote hr a sup div table thead tbody tr th td'.split(' '),
  ALLOWED_ATTR: ['href', 'class', 'start', 'value', 'align'],
  ADD_URI_SAFE_ATTR: ['start', 'align'],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto|tel):/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

function escapeHtml(text) {
  return text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

const marked = new Marked({
  gfm: true,
  // People expect a line to end where they end it.
  breaks: true,
  extensions: [
    {
      name: 'cite',
      level: 'inline',
      start: (source) => source.indexOf('['),
      tokenizer(source) {
        const [raw, number] = /^\[(\d{1,2})\](?![([:])/.exec(source) ?? [];
        return raw === undefined ? undefined : { type: 'cite', raw, number };
      },
      renderer: ({ number }) => `<sup class="cite">${number}</sup>`,
    },
  ],
  tokenizer: {
    // "60*90*2" is a calculation.
    emStrong(source, _masked, before) {
      return /^\*(?!\*)/.test(source) && /\d$/.test(before) ? { type: 'text', raw: '*', text: '*' } : false;
    },
    // "3~5 hari, Rp10.000~20.000": a single tilde is a range, not strikethrough.
    del: (source) => (source.startsWith('~~') ? false : undefined),
  },
  renderer: {
    html: ({ text }) => escapeHtml(text),
    // Loading a picture would tell its server who reads the answer.
    image: ({ text, href }) => escapeHtml(text || href),
    heading({ tokens }) {
      return `<h3>${this.parser.parseInline(tokens)}</h3>`;
    },
    // A list keeps the numbers it was written with: "17." and "25." are not 17 and 18.
    listitem(item) {
      const number = /^\s*(\d{1,9})[.)]/.exec(item.raw)?.[1];
      const value = number === undefined ? '' : ` value="${number}"`;
      return `<li${value}>${this.parser.parse(item.tokens)}</li>`;
    },
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    // A table wider than the bubble scrolls on its own.
    table(token) {
      return `<div class="table">${Renderer.prototype.table.call(this, token)}</div>`;
    },
  },
});

export function renderMarkdown(text) {
  const fragment = DOMPurify.sanitize(marked.parse(text), ALLOWED);
  for (const link of fragment.querySelectorAll('a')) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer nofollow';
  }
  return fragment;
}
