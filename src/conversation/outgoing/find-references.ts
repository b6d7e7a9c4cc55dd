import { domainToASCII } from 'node:url';
import { parse as parseDomain } from 'tldts';

/** The target of a link. */
export interface Place {
  readonly host: string;
  /** Without a trailing slash; empty for the root. */
  readonly path: string;
  /** Everything after the path, including its `?` or `#`. */
  readonly query: string;
}

/** A link, an address or a mention in a text. */
export type Reference =
  /** `place` is `undefined` if the target is not a web address or cannot be parsed. */
  | { readonly type: 'link'; readonly place: Place | undefined }
  /** A dotted name that is either a domain or two sentences without a space between them. */
  | { readonly type: 'maybe-host'; readonly host: string }
  | { readonly type: 'address'; readonly address: string; readonly host: string }
  | { readonly type: 'mention'; readonly name: string };

const REST = String.raw`[^\s<>"'\x60()\[\]{}|^]`;
const LABEL = String.raw`[\p{L}\p{N}_][\p{L}\p{N}_-]{0,62}`;
const HOST = String.raw`(?:${LABEL}\.)+(?:xn--[a-z0-9-]{2,59}|\p{L}{2,24})(?![\p{L}\p{N}])`;
const PLACE = String.raw`(?::\d{1,5})?(?:[/?#]${REST}*)?`;
const NO_NAME_BEFORE = String.raw`(?<![\p{L}\p{N}._-])`;

/** A single pass, so that the contents of an allowed link are not judged again on their own. */
const REFERENCE = new RegExp(
  [
    String.raw`(?<link>(?:[a-z][a-z0-9+.-]{1,20}:[/\\]{2,}|https?:[/\\]*)(?:\[[0-9a-f:.%]+\])?${REST}*)`,
    String.raw`(?<script>(?:javascript|vbscript):${REST}+|data:[\w/+.-]*[;,]${REST}*|file:[/\\]${REST}*)`,
    String.raw`(?:mailto:)?(?<address>(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]+@${HOST})(?<query>\?${REST}*)?`,
    String.raw`${NO_NAME_BEFORE}@?(?<bare>${HOST}|(?:\d{1,3}\.){3}\d{1,3}(?![\p{L}\p{N}.]\d))${PLACE}`,
    String.raw`@(?<everyone>everyone|here|channel)(?![\p{L}\p{N}_])`,
    String.raw`${NO_NAME_BEFORE}@[!&]?(?<name>[\p{L}\p{N}_]{2,64})`,
  ].join('|'),
  'giu',
);
/** Trailing punctuation that belongs to the sentence or the formatting rather than to the link. */
const AFTER_LINK = /[.,;:!?*_~…'"”’]+$/u;
const SCHEME_ALONE = /^[a-z][a-z0-9+.-]*:?[/\\]*$/i;

/**
 * Replaces each reference in a text with the result of `replace`, keeping the punctuation after it. Works on
 * any part of a text delimited by white space.
 */
export function replaceReferences(
  text: string,
  replace: (match: string, reference: Reference) => string,
): string {
  return text.replace(REFERENCE, (...args: unknown[]) => {
    const match = String(args[0]);
    const groups = args.at(-1) as Partial<Record<string, string>>;
    const after = groups['name'] === undefined ? (AFTER_LINK.exec(match)?.[0] ?? '') : '';
    const core = match.slice(0, match.length - after.length);
    const reference = referenceOf(core, groups);
    return reference === undefined ? match : replace(core, reference) + after;
  });
}

function referenceOf(core: string, groups: Partial<Record<string, string>>): Reference | undefined {
  const { link, script, address, bare, everyone, name } = groups;
  if (link !== undefined)
    return SCHEME_ALONE.test(core) ? undefined : { type: 'link', place: placeOfLink(core) };
  if (script !== undefined) return { type: 'link', place: undefined };
  if (address !== undefined) {
    const host = canonicalHost(address.slice(address.indexOf('@') + 1));
    return { type: 'address', address: address.toLowerCase(), host };
  }
  if (bare !== undefined) return bareReference(core, bare);
  const called = everyone ?? name;
  return called === undefined ? undefined : { type: 'mention', name: called.toLowerCase() };
}

function bareReference(core: string, bare: string): Reference | undefined {
  const host = canonicalHost(bare);
  const behind = core.slice(core.indexOf(bare) + bare.length);
  const link: Reference = { type: 'link', place: placeOf(host, behind) };
  const maybe: Reference = { type: 'maybe-host', host };
  const labels = bare.split('.');
  if (/^[\d.]+$/.test(bare)) {
    if (labels.some((octet) => Number(octet) > 255)) return undefined;
    return behind !== '' ? link : maybe;
  }
  if (/^www\./i.test(bare)) return link;
  switch (kindOfEnding(host)) {
    case 'clear':
      // "noted.Best regards", "M.Shop": a capital after the dot means a new sentence or a name.
      return behind !== '' || !/\.\p{Lu}\p{Ll}+$/u.test(bare) ? link : maybe;
    case 'country':
      return behind !== '' || labels.length > 2 ? link : maybe;
    case 'none': {
      // An Instagram handle, for example: `@sapa.batik`.
      const [, name] = /^@([\p{L}\p{N}_]{2,64})/u.exec(core) ?? [];
      if (name !== undefined) return { type: 'mention', name: name.toLowerCase() };
      // The domain does not exist, but the query could still carry data away.
      if (/[?#&][^\s=]*=/u.test(behind)) return link;
      return behind.startsWith('/') ? maybe : undefined;
    }
  }
}

/** What the last label of a dotted name suggests: a link, possibly a link, or just two sentences. */
function kindOfEnding(host: string): 'clear' | 'country' | 'none' {
  const { isIcann, publicSuffix } = parseDomain(host, { allowPrivateDomains: false });
  if (isIcann !== true || publicSuffix === null) return 'none';
  // Many country domains are also words ("to", "is", "ga", "ya").
  const ending = publicSuffix.slice(publicSuffix.lastIndexOf('.') + 1);
  return ending.length > 2 ? 'clear' : 'country';
}

function placeOfLink(link: string): Place | undefined {
  if (!/^https?:/i.test(link)) return undefined;
  try {
    const { hostname, port, pathname, search, hash } = new URL(link);
    const host = canonicalHost(hostname);
    return placeOf(port === '' ? host : `${host}:${port}`, `${pathname}${search}${hash}`);
  } catch {
    return undefined;
  }
}

/** `behind` is everything after the host: port, path and query. */
function placeOf(host: string, behind: string): Place {
  const [, port = '', path = '', query = ''] = /^(:\d+)?([^?#]*)(.*)$/su.exec(behind) ?? [];
  return { host: `${host}${port}`, path: path.replace(/\/+$/, ''), query };
}

/** The canonical spelling of a host: lower case, Punycode, without `www.` or a trailing dot. */
export function canonicalHost(host: string): string {
  const bare = host.toLowerCase().replace(/^_+|\.$/g, '');
  const ascii = domainToASCII(bare);
  return (ascii === '' ? bare : ascii).replace(/^www\./, '');
}
