import type { GuardedFetch, GuardedRequest, GuardedResponse } from './guarded-fetch.js';

const MOST_REDIRECTS = 3;

/**
 * Reads an address and follows where it leads, each step of it checked. Headers, which may hold
 * secrets, do not go along to another host. Anything but a GET is not followed.
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
