import { domainToASCII } from 'node:url';
import { kindOfEnding } from './top-level-domains.js';

/** Something in a text that leads out of the chat or calls somebody. */
export type Reference =
  /** `host` is `undefined` where it leads is not a place on the web, or unreadable. */
  | { readonly type: 'link'; readonly host: string | undefined }
  /** A name with dots that may be a domain or two sentences without a space between them. */
  | { readonly type: 'maybe-host'; readonly host: string }
  | { readonly type: 'address'; readonly address: string; readonly host: string }
  | { readonly type: 'mention'; readonly name: string };

const REST = String.raw`[^\s<>"'\x60()\[\]{}|^]`;
const LABEL = String.raw`[\p{L}\p{N}_][\p{L}\p{N}_-]{0,62}`;
const HOST = String.raw`(?:${LABEL}\.)+(?:xn--[a-z0-9-]{2,59}|\p{L}{2,24})(?![\p{L}\p{N}])`;
const PLACE = String.raw`(?::\d{1,5})?(?:[/?#]${REST}*)?`;
const NO_NAME_BEFORE = String.raw`(?<![\p{L}\p{N}._-])`;

/** In one pass, so that what is inside an allowed link is not judged once more by itself. */
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
/** Belongs to the sentence or to the formatting, not to the link. */
const AFTER_LINK = /[.,;:!?*_~…'"”’]+$/u;
const SCHEME_ALONE = /^[a-z][a-z0-9+.-]*:?[/\\]*$/i;

/**
 * Replaces each reference of a text by what `replace` makes of it; the punctuation behind a link
 * stays. Works on any piece of a text that begins and ends at white space.
 */
export function replaceReferences(
  text: string,
  replace: (written: string, reference: Reference) => string,
): string {
  return text.replace(REFERENCE, (...found: unknown[]) => {
    const written = String(found[0]);
    const groups = found.at(-1) as Partial<Record<string, string>>;
    const after = groups['name'] === undefined ? (AFTER_LINK.exec(written)?.[0] ?? '') : '';
    const core = written.slice(0, written.length - after.length);
    const reference = referenceOf(core, groups);
    return reference === undefined ? written : replace(core, reference) + after;
  });
}

function referenceOf(core: string, groups: Partial<Record<string, string>>): Reference | undefined {
  const { link, script, address, bare, everyone, name } = groups;
  if (link !== undefined)
    return SCHEME_ALONE.test(core) ? undefined : { type: 'link', host: hostOfLink(core) };
  if (script !== undefined) return { type: 'link', host: undefined };
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
  const hasPlace = core.length > core.indexOf(bare) + bare.length;
  const octets = bare.split('.');
  if (/^[\d.]+$/.test(bare)) {
    if (octets.some((octet) => Number(octet) > 255)) return undefined;
    return { type: hasPlace ? 'link' : 'maybe-host', host };
  }
  if (/^www\./i.test(bare)) return { type: 'link', host };
  switch (kindOfEnding(octets.at(-1) ?? '')) {
    case 'clear':
      // Two sentences with no space between them ("noted.Best regards") begin the second with a capital.
      return { type: hasPlace || !/\p{Ll}\.\p{Lu}\p{Ll}+$/u.test(bare) ? 'link' : 'maybe-host', host };
    case 'country':
      return { type: hasPlace || octets.length > 2 ? 'link' : 'maybe-host', host };
    case 'none': {
      // An Instagram name, for one: `@sapa.batik`.
      const [, name] = /^@([\p{L}\p{N}_]{2,64})/u.exec(core) ?? [];
      return name === undefined ? undefined : { type: 'mention', name: name.toLowerCase() };
    }
  }
}

function hostOfLink(link: string): string | undefined {
  if (!/^https?:/i.test(link)) return undefined;
  try {
    return canonicalHost(new URL(link).hostname);
  } catch {
    return undefined;
  }
}

/** One spelling per host: lower case, Punycode, without `www.` and a final dot. */
export function canonicalHost(host: string): string {
  const bare = host.toLowerCase().replace(/^_+|\.$/g, '');
  const ascii = domainToASCII(bare);
  return (ascii === '' ? bare : ascii).replace(/^www\./, '');
}
