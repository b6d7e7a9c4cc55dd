import robotsParser from 'robots-parser';
import { PROGRAM_NAME, type FetchPage } from './fetch-page.js';

/** A longer crawl delay is cut to this, in seconds. */
const LONGEST_DELAY_SECONDS = 5;

/** What a site asks of crawlers. */
export interface RobotsRules {
  allows(url: URL): boolean;
  /** Requested delay between two requests, in ms. */
  readonly delayMs: number;
}

const EVERYTHING: RobotsRules = { allows: () => true, delayMs: 0 };
const NOTHING: RobotsRules = { allows: () => false, delayMs: 0 };

// The library's types name a default export that the CommonJS module does not have.
const parse = robotsParser as unknown as (
  address: string,
  text: string,
) => {
  isDisallowed(address: string, program: string): boolean | undefined;
  getCrawlDelay(program: string): number | undefined;
};

/**
 * By RFC 9309: a site without the file allows everything; a site that fails with a server error allows
 * nothing. `undefined`: the site cannot be reached.
 */
export async function readRobots(
  site: URL,
  fetchPage: FetchPage,
  signal: AbortSignal,
): Promise<RobotsRules | undefined> {
  const address = new URL('/robots.txt', site);
  const answer = await fetchPage(address, { signal, anySite: true, anyType: true });
  switch (answer.type) {
    case 'page':
      return rulesOf(address, Buffer.from(answer.bytes).toString('utf8'));
    case 'failed':
      if (answer.problem.kind === 'unreachable') return undefined;
      return answer.problem.kind === 'status' && (answer.status ?? 0) >= 500 ? NOTHING : EVERYTHING;
    case 'unchanged':
    case 'other-site':
    case 'gone':
      return EVERYTHING;
    default:
      return answer satisfies never;
  }
}

function rulesOf(address: URL, text: string): RobotsRules {
  const rules = parse(address.href, text);
  const delay = rules.getCrawlDelay(PROGRAM_NAME) ?? 0;
  return {
    // `undefined` for an address on another site, about which these rules say nothing.
    allows: (url) => rules.isDisallowed(url.href, PROGRAM_NAME) !== true,
    delayMs: Math.min(Math.max(delay, 0) || 0, LONGEST_DELAY_SECONDS) * 1000,
  };
}
