/**
 * What model-written text must pass before anyone sees it. Links leave only to hosts the business
 * allows or that stand in the person's own message or in its knowledge: platforms fetch previews
 * of links by themselves, so a link the model made up could carry a conversation away unseen.
 * Mentions nobody wrote before are taken apart, so that no answer can ping people.
 */
export interface OutgoingPolicy {
  readonly allowedHosts: ReadonlySet<string>;
  readonly allowedMentions: ReadonlySet<string>;
  /** Shown in place of a link that may not leave. */
  readonly removedLink: string;
}

const LINK = /(?:[a-z][a-z0-9+.-]{1,20}:\/\/|www\.|mailto:)[^\s<>"'`)\]}]+/giu;
const BARE_HOST =
  /(?<![\p{L}\p{N}@._/-])((?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})\.)+(\p{L}{2,24}))(?::\d+)?([/?#][^\s<>"'`)\]}]*)?/giu;
const MENTION = /(?<![\p{L}\p{N}._-])@([\p{L}\p{N}_]{2,64})/gu;
/** Top-level domains that chat platforms make links of most; others are only kept from linking. */
const COMMON_TLDS = new Set(
  'com net org info biz io co id my sg app dev me ly gl to in us uk eu xyz site online shop store link click top club cc tv gg ai ru cn'.split(
    ' ',
  ),
);
/** Invisible: between two letters it keeps them from being read as a link or a mention. */
const WORD_JOINER = '\u2060';
/** Control, bidirectional and tag characters: they hide text or turn it around. */
const INVISIBLE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** Hosts of all links and bare domains in a text, lower case. */
export function hostsIn(text: string): Set<string> {
  const hosts = new Set<string>();
  for (const [link] of text.matchAll(LINK)) {
    const host = hostOf(link);
    if (host !== undefined) hosts.add(host);
  }
  for (const [, host] of text.matchAll(BARE_HOST)) if (host !== undefined) hosts.add(host.toLowerCase());
  return hosts;
}

export function mentionsIn(text: string): Set<string> {
  return new Set([...text.matchAll(MENTION)].map(([, name]) => (name ?? '').toLowerCase()));
}

/** The text as it may leave. Works on any piece that begins and ends at white space. */
export function applyOutgoingPolicy(text: string, policy: OutgoingPolicy): string {
  return text
    .replace(INVISIBLE, '')
    .replace(LINK, (link) => (isAllowedLink(link, policy) ? link : policy.removedLink))
    .replace(BARE_HOST, (whole: string, host: string, tld: string, path: string | undefined) => {
      if (isAllowedHost(host.toLowerCase(), policy)) return whole;
      if (path !== undefined && path.length > 1) return policy.removedLink;
      if (COMMON_TLDS.has(tld.toLowerCase())) return policy.removedLink;
      return whole.replace(/\.(?=[^.]*$)/u, `.${WORD_JOINER}`);
    })
    .replace(MENTION, (whole: string, name: string) =>
      policy.allowedMentions.has(name.toLowerCase()) ? whole : `@${WORD_JOINER}${name}`,
    );
}

function isAllowedLink(link: string, policy: OutgoingPolicy): boolean {
  if (!/^(?:https?:\/\/|www\.|mailto:)/i.test(link)) return false;
  const host = hostOf(link);
  return host !== undefined && isAllowedHost(host, policy);
}

function isAllowedHost(host: string, policy: OutgoingPolicy): boolean {
  return policy.allowedHosts.has(host) || policy.allowedHosts.has(host.replace(/^www\./, ''));
}

function hostOf(link: string): string | undefined {
  if (/^mailto:/i.test(link)) return link.split('@').at(-1)?.split('?')[0]?.toLowerCase();
  try {
    return new URL(/^www\./i.test(link) ? `https://${link}` : link).hostname.toLowerCase();
  } catch {
    return undefined;
  }
}

/** Passes a stream of pieces through the policy, holding back what is not yet a whole word. */
export class OutgoingStream {
  private held = '';
  private hasInput = false;

  constructor(private readonly policy: OutgoingPolicy) {}

  get started(): boolean {
    return this.hasInput;
  }

  push(piece: string): string {
    this.hasInput = true;
    this.held += piece;
    const end = lastWhiteSpace(this.held);
    if (end === -1) return '';
    const ready = this.held.slice(0, end + 1);
    this.held = this.held.slice(end + 1);
    return applyOutgoingPolicy(ready, this.policy);
  }

  end(): string {
    const rest = this.held;
    this.held = '';
    return applyOutgoingPolicy(rest, this.policy);
  }
}

function lastWhiteSpace(text: string): number {
  for (let index = text.length - 1; index >= 0; index -= 1) {
    if (/\s/u.test(text.charAt(index))) return index;
  }
  return -1;
}
