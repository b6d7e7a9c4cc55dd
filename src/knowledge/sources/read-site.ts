import { setTimeout as pause } from 'node:timers/promises';
import type { KnowledgeSource, SourceProblem } from '../../contracts/knowledge-sources.js';
import { KnowledgeError } from '../../contracts/knowledge.js';
import { hashOfFile } from '../ingest-hash.js';
import type { FetchedPage, FetchPage } from './fetch-page.js';
import { readRobots, type RobotsRules } from './robots-rules.js';
import { isSameSite, linksOnSite, pageKey } from './site-url.js';
import type { StoredPage } from './source-store.js';

/** Enough for the site of a business, and a limit for sites that generate endless pages. */
const MOST_PAGES = 200;
const MOST_BYTES = 100 * 1024 * 1024;
const SHOWN_PROBLEMS = 3;

/** Stores a page that is new or has changed; returns the addresses it links to. Throws `KnowledgeError`. */
export type TakePage = (
  page: Omit<StoredPage, 'links' | 'documentId' | 'sourceId'>,
  file: { readonly bytes: Uint8Array; readonly fileName: string },
  linksOf: (hrefs: readonly string[]) => readonly string[],
) => Promise<readonly string[]>;

export interface ReadSiteTools {
  readonly fetchPage: FetchPage;
  /** Pages from the previous run, by address. */
  readonly known: ReadonlyMap<string, StoredPage>;
  readonly take: TakePage;
  readonly signal: AbortSignal;
  /** Once it has passed, no further page is started. */
  readonly deadline: AbortSignal;
}

export interface ReadSite {
  /** Addresses whose stored page is still valid, or whose state is currently unknown. */
  readonly kept: ReadonlySet<string>;
  /** Whether the start address was read, or is known to be unchanged. */
  readonly reached: boolean;
  /** `true`: pages not in `kept` have vanished. `false`: nothing is known about them. */
  readonly complete: boolean;
  readonly problem?: SourceProblem;
}

/** Reads a site from its address on, nearest pages first, up to `depth` links away. */
export async function readSite(
  { url, depth }: Pick<KnowledgeSource, 'url' | 'depth'>,
  tools: ReadSiteTools,
): Promise<ReadSite> {
  const start = new URL(url);
  const robots = await readRobots(start, tools.fetchPage, tools.signal);
  if (robots === undefined) {
    return nothingRead({ kind: 'unreachable', detail: `${start.host} could not be reached.` });
  }
  if (!robots.allows(start)) {
    return nothingRead({ kind: 'robots', detail: `robots.txt of ${start.host} asks not to read this page.` });
  }
  return new Reading(start, depth, robots, tools).read();
}

function nothingRead(problem: SourceProblem): ReadSite {
  return { kept: new Set(), reached: false, complete: false, problem };
}

class Reading {
  private readonly queue: { readonly url: URL; readonly depth: number }[] = [];
  private readonly queued = new Set<string>();
  private readonly requested = new Set<string>();
  private readonly retained = new Set<string>();
  private readonly contents = new Set<string>();
  private readonly problems: { readonly url: URL; readonly problem: SourceProblem }[] = [];
  private bytes = 0;
  private site: URL;

  constructor(
    private readonly start: URL,
    private readonly depth: number,
    private readonly robots: RobotsRules,
    private readonly tools: ReadSiteTools,
  ) {
    this.site = start;
    this.enter(start, 0);
  }

  async read(): Promise<ReadSite> {
    const first = await this.next();
    if (first?.type === 'failed') return nothingRead(first.problem);
    // The start address is gone, but its pages may still exist.
    if (first?.type === 'gone') for (const { url } of this.tools.known.values()) this.enter(new URL(url), 0);
    const { signal } = this.tools;
    for (let pages = 1; this.mayGoOn(pages); pages += 1) {
      if (this.robots.delayMs > 0) await pause(this.robots.delayMs, undefined, { signal });
      await this.next();
    }
    if (this.queue.length > 0) this.keepUnasked();
    const [own] = this.problems.filter(({ url }) => url === this.start);
    const startProblem: SourceProblem | undefined =
      first?.type === 'gone'
        ? { kind: 'gone', detail: `${this.start.host} says that there is no such page (${first.status}).` }
        : own?.problem;
    const problem = startProblem ?? this.otherProblems();
    return {
      kept: this.retained,
      reached: startProblem === undefined,
      complete: own === undefined,
      ...(problem === undefined ? {} : { problem }),
    };
  }

  private mayGoOn(pages: number): boolean {
    const isEnough = pages >= MOST_PAGES || this.bytes >= MOST_BYTES || this.tools.deadline.aborted;
    return this.queue.length > 0 && !isEnough;
  }

  /** The reading was cut short: about the pages it did not come to, nothing is known. */
  private keepUnasked(): void {
    for (const url of this.tools.known.keys()) if (!this.requested.has(url)) this.retained.add(url);
  }

  private enter(url: URL, depth: number): void {
    const key = pageKey(url);
    if (this.queued.has(key) || !this.robots.allows(url)) return;
    this.queued.add(key);
    this.queue.push({ url, depth });
  }

  private async next(): Promise<FetchedPage | undefined> {
    const step = this.queue.shift();
    if (step === undefined) return undefined;
    const { url, depth } = step;
    const { fetchPage, known, signal } = this.tools;
    const key = pageKey(url);
    this.requested.add(key);
    const before = known.get(key);
    const answer = await fetchPage(url, {
      signal,
      anySite: url === this.start,
      etag: before?.etag,
      lastModified: before?.lastModified,
    });
    const links = await this.linksOf(url, answer, before);
    if (depth < this.depth) for (const link of links) this.enter(new URL(link), depth + 1);
    return answer;
  }

  /** Returns the links to follow from the page, which is stored if it has new content. */
  private async linksOf(
    url: URL,
    answer: FetchedPage,
    before: StoredPage | undefined,
  ): Promise<readonly string[]> {
    switch (answer.type) {
      case 'other-site':
      case 'gone':
        return [];
      case 'unchanged':
        return this.keepOld(url, before);
      case 'failed':
        // Links to pictures and the like are not reported as problems.
        if (answer.problem.kind !== 'not_text') this.problems.push({ url, problem: answer.problem });
        return this.keepOld(url, before);
      case 'page':
        return this.takePage(url, answer, before);
      default:
        return answer satisfies never;
    }
  }

  private keepOld(url: URL, before: StoredPage | undefined): readonly string[] {
    if (before === undefined) return [];
    this.retained.add(pageKey(url));
    this.contents.add(before.contentHash);
    return before.links;
  }

  private async takePage(
    url: URL,
    page: Extract<FetchedPage, { type: 'page' }>,
    before: StoredPage | undefined,
  ): Promise<readonly string[]> {
    const { bytes, fileName, etag, lastModified } = page;
    if (url === this.start) this.site = page.url;
    this.bytes += bytes.length;
    const landed = pageKey(page.url);
    const contentHash = hashOfFile(bytes);
    // The same page under another address, where its links were already followed.
    const isTwice = this.contents.has(contentHash) || (landed !== pageKey(url) && this.retained.has(landed));
    if (isTwice) return [];
    this.queued.add(landed);
    const facts = {
      url: pageKey(url),
      contentHash,
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { lastModified }),
    };
    if (before?.contentHash === contentHash) return this.keepOld(url, before);
    try {
      const links = await this.tools.take(facts, { bytes, fileName }, (hrefs) =>
        linksOnSite(hrefs, page.url).filter((link) => isSameSite(new URL(link), this.site)),
      );
      this.retained.add(facts.url);
      this.contents.add(contentHash);
      return links;
    } catch (error) {
      if (!(error instanceof KnowledgeError)) throw error;
      this.problems.push({ url, problem: problemOf(error) });
      return this.keepOld(url, before);
    }
  }

  private otherProblems(): SourceProblem | undefined {
    const [first] = this.problems;
    if (first === undefined) return undefined;
    const problems = this.problems
      .slice(0, SHOWN_PROBLEMS)
      .map(({ url, problem }) => `${url.pathname} (${problem.detail.replace(/\.$/, '')})`);
    const more =
      this.problems.length > problems.length ? ` and ${this.problems.length - problems.length} more` : '';
    return { kind: 'some_pages', detail: `Not read: ${problems.join(', ')}${more}.` };
  }
}

function problemOf({ kind, message }: KnowledgeError): SourceProblem {
  switch (kind) {
    case 'no-text':
      return { kind: 'no_text', detail: message };
    case 'too-large':
      return { kind: 'too_large', detail: message };
    case 'unsupported-type':
      return { kind: 'not_text', detail: message };
    case 'unreadable':
    case 'invalid-csv':
    case 'not-found':
      return { kind: 'unreadable', detail: message };
    default:
      return kind satisfies never;
  }
}
