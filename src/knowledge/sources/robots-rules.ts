import robotsParser from 'robots-parser';
import { PROGRAM_NAME, type FetchPage } from './fetch-page.js';

/** A site that wishes for more than this between two pages gets this, in seconds. */
const LONGEST_DELAY_SECONDS = 5;

/** What a site asks of programs that read it. */
export interface RobotsRules {
  allows(url: URL): boolean;
  /** Wished for between two requests, in ms. */
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
 * By RFC 9309: a site without the file allows everything, one whose file cannot be had for an error
 * of its own allows nothing. `undefined`: the site cannot be reached.
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
    // Undefined for an address of another site, which these rules say nothing of.
    allows: (url) => rules.isDisallowed(url.href, PROGRAM_NAME) !== true,
    delayMs: Math.min(Math.max(delay, 0) || 0, LONGEST_DELAY_SECONDS) * 1000,
  };
}
