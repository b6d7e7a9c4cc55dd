import { asShown } from './as-shown.js';
import { canonicalHost, replaceReferences, type Reference } from './find-references.js';

/**
 * What model-written text must pass before anyone sees it. Links leave only to hosts the business
 * allows or that stand in the person's own message or in its knowledge: platforms fetch previews
 * of links by themselves, so a link the model made up could carry a conversation away unseen.
 * Mentions nobody wrote before are taken apart, so that no answer can ping people.
 */
export interface OutgoingPolicy {
  readonly hosts: ReadonlySet<string>;
  readonly addresses: ReadonlySet<string>;
  readonly mentions: ReadonlySet<string>;
  /** Shown in place of a link that may not leave. */
  readonly removedLink: string;
}

/** Invisible: between two letters it keeps them from being read as a link or a mention. */
const WORD_JOINER = '\u2060';
/** White space that every renderer keeps: words on its two sides never become one. */
const WHITE = '\\t\\n\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const WORD = new RegExp(`[^${WHITE}]+`, 'gu');
const WHITE_RUN = new RegExp(`[${WHITE}]+(?=[^${WHITE}]*$)`, 'u');
/** Control, bidirectional, filler and tag characters: they hide text or turn it around. */
const INVISIBLE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;
/** Joiners and variation selectors belong to emoji and to some scripts, never behind ASCII but for keycaps. */
const INVISIBLE_IN_ASCII = /(?<=[\x00-\x7f])[\u034f\u200c\u200d\ufe00-\ufe0f]+(?!\u20e3)/gu;

/** Everything that stands in `trusted` may leave, and links to `hosts`. */
export function outgoingPolicy(
  trusted: string,
  hosts: readonly string[],
  removedLink: string,
): OutgoingPolicy {
  const allowed = {
    hosts: new Set(hosts.map(canonicalHost)),
    addresses: new Set<string>(),
    mentions: new Set<string>(),
  };
  replaceReferences(trusted, (written, reference) => {
    switch (reference.type) {
      case 'link':
      case 'maybe-host':
        if (reference.host !== undefined) allowed.hosts.add(reference.host);
        break;
      case 'address':
        allowed.addresses.add(reference.address);
        break;
      case 'mention':
        allowed.mentions.add(reference.name);
        break;
      default:
        reference satisfies never;
    }
    return written;
  });
  return { ...allowed, removedLink };
}

/** The text as it may leave. The same for a whole text and for its words one by one. */
export function applyOutgoingPolicy(text: string, policy: OutgoingPolicy): string {
  return text.replace(WORD, (word) => judge(word, policy));
}

/** Where the last white space of a text begins: up to there it can be judged before the rest is known. */
export function endOfWholeWords(text: string): number {
  return WHITE_RUN.exec(text)?.index ?? 0;
}

function judge(word: string, policy: OutgoingPolicy): string {
  const visible = word.replace(INVISIBLE, '').replace(INVISIBLE_IN_ASCII, '');
  const written = withoutForeign(visible, policy);
  const shown = asShown(written);
  if (shown === undefined) return written;
  // Hidden by escapes, entities or emphasis: what leaves is then the plain form.
  const safe = withoutForeign(shown, policy);
  return safe === shown ? written : safe.trim();
}

function withoutForeign(text: string, policy: OutgoingPolicy): string {
  return replaceReferences(text, (written, reference) =>
    isAllowed(reference, policy) ? written : disarmed(written, reference, policy),
  );
}

function isAllowed(reference: Reference, { hosts, addresses, mentions }: OutgoingPolicy): boolean {
  switch (reference.type) {
    case 'link':
    case 'maybe-host':
      return reference.host !== undefined && hosts.has(reference.host);
    case 'address':
      return addresses.has(reference.address) || hosts.has(reference.host);
    case 'mention':
      return mentions.has(reference.name);
  }
}

function disarmed(written: string, { type }: Reference, { removedLink }: OutgoingPolicy): string {
  switch (type) {
    case 'link':
    case 'address':
      return removedLink;
    case 'maybe-host':
      return written.replace(/\.(?=[^.]*$)/u, `.${WORD_JOINER}`);
    case 'mention':
      return written.replace('@', `@${WORD_JOINER}`);
  }
}
