import { renderedText } from './rendered-text.js';
import { canonicalHost, replaceReferences, type Place, type Reference } from './find-references.js';

/**
 * What model-written text must pass before anyone sees it. A link leaves only to a page that
 * stands in the person's own message or in the knowledge of the business, or to a host that the
 * business allows: platforms fetch previews of links by themselves, so a link the model made up
 * could carry a conversation away unseen. For the same reason a query leaves only where it stands
 * just so, to whichever host. Mentions nobody wrote before are taken apart, so that no answer can
 * ping people.
 */
export interface OutgoingPolicy {
  /** Hosts of which any page is allowed. */
  readonly hosts: ReadonlySet<string>;
  /** Allowed `host/path`, including all parent pages. */
  readonly pages: ReadonlySet<string>;
  /** Allowed `host/path?query`, exactly as written. */
  readonly links: ReadonlySet<string>;
  readonly addresses: ReadonlySet<string>;
  readonly mentions: ReadonlySet<string>;
  /** Replaces a link that is not allowed. */
  readonly removedLink: string;
}

/** Invisible; inserted between two letters, it keeps them from being read as a link or a mention. */
const WORD_JOINER = '\u2060';
/** White space preserved by every renderer, so the words around it never merge. */
const WHITE = '\\t\\n\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const WORD = new RegExp(`[^${WHITE}]+`, 'gu');
/**
 * `[words](target "title")`, also as an image; anything longer than people write is not treated as a link.
 */
const LABEL = String.raw`\[[^\[\]\n]{0,200}\]`;
const TARGET = String.raw`\([^()\n]{1,2000}\)`;
const WHOLE_LINK = new RegExp(LABEL + TARGET, 'gu');
const PIECE = new RegExp(`(!?)(${LABEL})(${TARGET})|(?:(?!!?${LABEL}${TARGET})[^${WHITE}])+`, 'gu');
/** The start of such a link at the end of a text. */
const OPEN_LINK = /!?(?:\[[^[\]\n]{0,200}(?:\](?:\([^()\n]{0,2000})?)?)?$/u;
const WHITE_RUN = new RegExp(`[${WHITE}]+(?=[^${WHITE}]*$)`, 'u');
/** Control, bidirectional, filler and tag characters, which can hide or reverse text. */
const INVISIBLE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;
/**
 * Joiners and variation selectors are legitimate in emoji and some scripts, but not after ASCII except in
 * keycaps.
 */
const INVISIBLE_IN_ASCII = /(?<=[\x00-\x7f])[\u034f\u200c\u200d\ufe00-\ufe0f]+(?!\u20e3)/gu;

/** Allows everything found in `trusted`, and links to `hosts`. */
export function outgoingPolicy(
  trusted: string,
  hosts: readonly string[],
  removedLink: string,
): OutgoingPolicy {
  const pages = new Set<string>();
  const links = new Set<string>();
  const addresses = new Set<string>();
  const mentions = new Set<string>();
  replaceReferences(trusted, (match, reference) => {
    switch (reference.type) {
      case 'link':
        if (reference.place === undefined) break;
        links.add(spelled(reference.place));
        for (const page of pagesAbove(reference.place)) pages.add(page);
        break;
      case 'maybe-host':
        pages.add(reference.host);
        break;
      case 'address':
        addresses.add(reference.address);
        break;
      case 'mention':
        mentions.add(reference.name);
        break;
      default:
        reference satisfies never;
    }
    return match;
  });
  return { hosts: new Set(hosts.map(canonicalHost)), pages, links, addresses, mentions, removedLink };
}

function spelled({ host, path, query }: Place): string {
  return `${host}${path}${query}`;
}

/** The page itself and its parent pages, up to the root of the host. */
function pagesAbove({ host, path }: Place): readonly string[] {
  const steps = path.split('/').slice(1);
  return [host, ...steps.map((_, index) => `${host}/${steps.slice(0, index + 1).join('/')}`)];
}

/** The text with everything disallowed removed. Gives the same result for a whole text as word by word. */
export function applyOutgoingPolicy(text: string, policy: OutgoingPolicy): string {
  return text.replace(PIECE, (piece, sign?: string, label?: string, target?: string) =>
    label === undefined || target === undefined
      ? judge(piece, policy)
      : judgeLink({ sign: sign ?? '', label: label.slice(1, -1), target: target.slice(1, -1) }, policy),
  );
}

/** The text without links and mentions that are not in `trusted` and lead to none of the hosts. */
export function withoutForeignLinks(
  text: string,
  trusted: string,
  hosts: readonly string[],
  removedLink: string,
): string {
  return applyOutgoingPolicy(text, outgoingPolicy(trusted, hosts, removedLink));
}

/** A Markdown link; if its target is not allowed, its words stay readable. */
function judgeLink(
  { sign, label, target }: { readonly sign: string; readonly label: string; readonly target: string },
  policy: OutgoingPolicy,
): string {
  const words = (text: string): string => text.replace(WORD, (word) => judge(word, policy));
  const linkText = words(label);
  const leads = words(target);
  if (leads === target) return `${sign}[${linkText}](${target})`;
  if (!leads.includes(policy.removedLink) && !leads.includes(WORD_JOINER))
    return `${sign}[${linkText}](${leads})`;
  return linkText.trim() === '' || linkText.includes(policy.removedLink)
    ? policy.removedLink
    : `${linkText} ${policy.removedLink}`;
}

/** Where the last white space begins: the text before it can be judged without knowing the rest. */
export function endOfWholeWords(text: string): number {
  const open = OPEN_LINK.exec(text)?.index ?? text.length;
  // White space inside a link does not separate words.
  const closed = text.slice(0, open).replace(WHOLE_LINK, (link) => '-'.repeat(link.length));
  return WHITE_RUN.exec(closed)?.index ?? 0;
}

function judge(word: string, policy: OutgoingPolicy): string {
  const visible = word.replace(INVISIBLE, '').replace(INVISIBLE_IN_ASCII, '');
  const safeText = withoutForeign(visible, policy);
  const plainText = renderedText(safeText);
  if (plainText === undefined) return safeText;
  // The reference was hidden by escapes, entities or emphasis, so the plain form is sent instead.
  const safe = withoutForeign(plainText, policy);
  return safe === plainText ? safeText : safe.trim();
}

function withoutForeign(text: string, policy: OutgoingPolicy): string {
  return replaceReferences(text, (match, reference) => {
    switch (verdictOn(reference, policy)) {
      case 'leaves':
        return match;
      case 'leaves-without-query':
        return match.replace(/[?#].*$/su, '');
      case 'stays':
        return disarmed(match, reference, policy);
    }
  });
}

type Verdict = 'leaves' | 'leaves-without-query' | 'stays';

function verdictOn(reference: Reference, policy: OutgoingPolicy): Verdict {
  const { hosts, pages, addresses, mentions } = policy;
  switch (reference.type) {
    case 'link':
      return reference.place === undefined ? 'stays' : verdictOnPlace(reference.place, policy);
    case 'maybe-host':
      return hosts.has(reference.host) || pages.has(reference.host) ? 'leaves' : 'stays';
    case 'address':
      return addresses.has(reference.address) || hosts.has(reference.host) ? 'leaves' : 'stays';
    case 'mention':
      return mentions.has(reference.name) ? 'leaves' : 'stays';
  }
}

function verdictOnPlace(place: Place, { hosts, pages, links }: OutgoingPolicy): Verdict {
  if (links.has(spelled(place))) return 'leaves';
  if (!hosts.has(place.host) && !pages.has(`${place.host}${place.path}`)) return 'stays';
  return place.query === '' ? 'leaves' : 'leaves-without-query';
}

function disarmed(match: string, { type }: Reference, { removedLink }: OutgoingPolicy): string {
  switch (type) {
    case 'link':
    case 'address':
      return removedLink;
    case 'maybe-host':
      return match.replace(/\.(?=[^.]*$)/u, `.${WORD_JOINER}`);
    case 'mention':
      return match.replace('@', `@${WORD_JOINER}`);
  }
}
