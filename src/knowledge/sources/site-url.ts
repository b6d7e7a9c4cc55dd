/** Hosts with and without it are the same site. */
const WWW = /^www\./;
/** Parameters that track visitors and do not change the page. */
const TRACKING = /^(?:utm_\w+|fbclid|gclid|mc_[ce]id)$/;
/** Extensions of files without text; a link to them is not worth a request. */
const NO_TEXT =
  /\.(?:avif|bmp|css|eot|exe|gif|gz|ico|jpe?g|js|m4a|mjs|mov|mp3|mp4|ogg|otf|png|rar|rss|svg|tar|ttf|wav|web[mp]|woff2?|xml|zip)$/i;
const LONGEST = 2000;

/** The canonical form of an address: without its fragment and tracking parameters. */
export function pageKey(url: URL): string {
  const key = new URL(url);
  key.hash = '';
  for (const name of [...key.searchParams.keys()]) if (TRACKING.test(name)) key.searchParams.delete(name);
  return key.href;
}

export function isSameSite(one: URL, other: URL): boolean {
  return siteOf(one) === siteOf(other);
}

function siteOf({ hostname, port }: URL): string {
  return `${hostname.replace(WWW, '')}:${port}`;
}

/** The addresses a page links to on its own site, in order, each once. */
export function linksOnSite(hrefs: readonly string[], page: URL): string[] {
  const urls = new Set<string>();
  for (const href of hrefs) {
    const url = readUrl(href, page);
    if (url === undefined || !isSameSite(url, page) || NO_TEXT.test(url.pathname)) continue;
    if (url.href.length <= LONGEST && url.username === '' && url.password === '') urls.add(pageKey(url));
  }
  return [...urls];
}

/** `undefined` if it is not a web address. */
export function readUrl(input: string, base?: URL): URL | undefined {
  const url = URL.canParse(input, base?.href) ? new URL(input, base?.href) : undefined;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
}
