import type { GuardedFetch, GuardedRequest, GuardedResponse } from './guarded-fetch.js';

const MOST_REDIRECTS = 3;

/**
 * Fetches an address and follows redirects, checking each step. Headers, which may contain secrets, are not
 * sent to other hosts. Only GET requests are followed.
 */
export async function followRedirects(
  outbound: GuardedFetch,
  url: URL,
  request: GuardedRequest,
): Promise<GuardedResponse & { readonly url: URL }> {
  let at = url;
  let { headers = {} } = request;
  for (let redirects = 0; ; redirects += 1) {
    const response = await outbound.fetch(at, { ...request, headers });
    const to = response.headers['location'];
    const isRedirect = response.status >= 300 && response.status < 400 && typeof to === 'string';
    const mayFollow = request.method === 'GET' && redirects < MOST_REDIRECTS;
    if (!isRedirect || !mayFollow || !URL.canParse(to, at.href)) return { ...response, url: at };
    const next = new URL(to, at);
    if (next.origin !== at.origin) headers = { accept: '*/*', 'accept-encoding': 'identity' };
    at = next;
  }
}
