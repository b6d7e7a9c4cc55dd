import type { Outreach } from '../../contracts/chat.js';
import type { I18n } from '../../contracts/i18n.js';
import type { KnowledgeSource, KnowledgeSources, SourceProblem } from '../../contracts/knowledge-sources.js';
import type { KnowledgeService } from '../../contracts/knowledge.js';
import { defineJob, handleJob, type Job, type JobQueue } from '../../contracts/queue.js';
import type { Clock } from '../../contracts/runtime.js';
import type { StoredDocument, TenantScope } from '../../contracts/stores.js';
import { quote } from '../../lib/text/excerpt.js';
import type { GuardedFetch } from '../../lib/net/guarded-fetch.js';
import { derivedId } from '../../lib/ids/make-id.js';
import { IngestLock } from '../ingest-lock.js';
import { createFetchPage, type FetchPage } from './fetch-page.js';
import { readSite, type ReadSite, type TakePage } from './read-site.js';
import { pageKey } from './site-url.js';
import { sourceStore, type StoredPage } from './source-store.js';

interface SyncData {
  readonly sourceId: string;
  /** The conversation that is told, once, what was read. */
  readonly tell?: { readonly conversationId: string; readonly key: string };
}

/** Reads a web address on its schedule. */
const scheduledSync = defineJob<SyncData>('knowledge.sync', { concurrency: 1 });
/** Reads a web address that was just added. */
const firstSync = defineJob<SyncData>('knowledge.read-source');

/** Time limit for reading a site, in ms; the next run continues with what changed. */
const LONGEST_MS = 15 * 60_000;

export interface SourcesDependencies {
  readonly knowledge: Pick<KnowledgeService, 'takeIn' | 'remove'>;
  readonly outbound: GuardedFetch;
  readonly outreach: Outreach;
  readonly i18n: Pick<I18n, 'translator'>;
  readonly queue: JobQueue;
  readonly clock: Clock;
}

export class Sources implements KnowledgeSources {
  private readonly fetchPage: FetchPage;
  private readonly lock = new IngestLock();

  constructor(private readonly deps: SourcesDependencies) {
    this.fetchPage = createFetchPage(deps.outbound);
  }

  jobs(): readonly Job[] {
    const run = async (scope: TenantScope, data: SyncData, signal: AbortSignal): Promise<void> => {
      const source = await this.sync(scope, data.sourceId, signal);
      if (source !== undefined) await this.tell(scope, source, data);
    };
    return [scheduledSync, firstSync].map((type) =>
      handleJob(type, {
        run: (scope, data, { signal }) => run(scope, data, signal),
        givenUp: (scope, { sourceId }) => this.giveUp(scope, sourceId),
      }),
    );
  }

  add: KnowledgeSources['add'] = async (scope, { url: address, schedule, depth = 0 }, tell) => {
    const url = pageKey(new URL(address));
    const id = derivedId('source', url);
    const store = scope.store(sourceStore);
    const now = this.deps.clock.now();
    await this.plan(scope, id, schedule);
    const before = await store.get(id);
    const source: KnowledgeSource = {
      id,
      url,
      depth,
      status: 'waiting',
      createdAt: before?.createdAt ?? now,
      updatedAt: now,
      ...(schedule === undefined ? {} : { schedule }),
      ...(before?.lastSyncedAt === undefined ? {} : { lastSyncedAt: before.lastSyncedAt }),
    };
    await store.put(source);
    const documentId = documentIdOf(id, url);
    // Created now, so that the caller can follow its progress at once.
    if ((await scope.documents.get(documentId)) === undefined) {
      await scope.documents.put(waiting(documentId, source, now));
    }
    await this.deps.queue.enqueue(
      firstSync,
      scope.tenantId,
      { sourceId: id, ...(tell && { tell: { ...tell, key: `source:${id}:${now.getTime()}` } }) },
      { key: id },
    );
    const pages = await store.pages(id);
    return { source, documentIds: [...new Set([documentId, ...pages.map((page) => page.documentId)])] };
  };

  list(scope: TenantScope): Promise<readonly KnowledgeSource[]> {
    return scope.store(sourceStore).all();
  }

  pages(scope: TenantScope, sourceId: string): Promise<readonly StoredPage[]> {
    return scope.store(sourceStore).pages(sourceId);
  }

  async remove(scope: TenantScope, sourceId: string): Promise<boolean> {
    const store = scope.store(sourceStore);
    const source = await store.get(sourceId);
    // Once its row is gone, a read in progress stores nothing more.
    if (source === undefined || !(await store.remove(sourceId))) return false;
    for (const type of [scheduledSync, firstSync]) {
      await this.deps.queue.cancel(type, scope.tenantId, sourceId);
    }
    await this.removePages(scope, await store.pages(sourceId));
    await this.deps.knowledge.remove(scope, documentIdOf(sourceId, source.url));
    return true;
  }

  sync(scope: TenantScope, sourceId: string, signal: AbortSignal): Promise<KnowledgeSource | undefined> {
    return this.lock.run(`${scope.tenantId} ${sourceId}`, () => this.read(scope, sourceId, signal));
  }

  async resume(scope: TenantScope): Promise<void> {
    for (const { id, schedule } of await this.list(scope)) await this.plan(scope, id, schedule);
  }

  check(url: URL): Promise<void> {
    return this.deps.outbound.check(url);
  }

  private async giveUp(scope: TenantScope, sourceId: string): Promise<void> {
    const store = scope.store(sourceStore);
    const source = await store.get(sourceId);
    const problem = { kind: 'not_read', detail: 'Reading it failed again and again.' } as const;
    if (source === undefined) return;
    const { lastSyncedAt } = source;
    const last = lastSyncedAt === undefined ? {} : { lastSyncedAt };
    await store.update(
      sourceId,
      changeOf({ kept: new Set(), reached: false, complete: false, problem }, this.deps.clock.now(), last),
    );
  }

  /** Throws `QueueError` of kind `invalid-schedule` before anything is changed. */
  private async plan(scope: TenantScope, id: string, cron: string | undefined): Promise<void> {
    const { queue } = this.deps;
    if (cron === undefined) await queue.cancel(scheduledSync, scope.tenantId, id);
    else {
      const { timezone } = scope.settings;
      await queue.repeat(scheduledSync, scope.tenantId, { sourceId: id }, { key: id, cron, timezone });
    }
  }

  private async read(
    scope: TenantScope,
    sourceId: string,
    signal: AbortSignal,
  ): Promise<KnowledgeSource | undefined> {
    const { clock } = this.deps;
    const store = scope.store(sourceStore);
    const source = await store.get(sourceId);
    if (source === undefined) return undefined;
    const { lastSyncedAt } = source;
    const last = lastSyncedAt === undefined ? {} : { lastSyncedAt };
    await store.update(sourceId, { status: 'reading', updatedAt: clock.now(), ...last });
    const pages = await store.pages(sourceId);
    const pageByUrl = new Map(pages.map((page) => [page.url, page]));
    const outcome = await readSite(source, {
      fetchPage: this.fetchPage,
      known: pageByUrl,
      take: this.takeFor(scope, source, signal),
      signal,
      deadline: AbortSignal.timeout(LONGEST_MS),
    });
    const vanished = outcome.complete ? pages.filter(({ url }) => !outcome.kept.has(url)) : [];
    await this.removePages(scope, vanished);
    if (!outcome.reached && !pageByUrl.has(source.url)) await this.failFirst(scope, source, outcome.problem);
    return store.update(sourceId, changeOf(outcome, clock.now(), last));
  }

  /**
   * For one page: reads it, stores it under its own id, and remembers what is needed to tell whether it
   * changes.
   */
  private takeFor(scope: TenantScope, source: KnowledgeSource, signal: AbortSignal): TakePage {
    const store = scope.store(sourceStore);
    return async (page, { bytes, fileName }, linksOf) => {
      const documentId = documentIdOf(source.id, page.url);
      const { links } = await this.deps.knowledge.takeIn(
        scope,
        {
          id: documentId,
          fileName,
          bytes,
          title: page.url,
          metadata: { url: page.url.slice(0, 1000), source_id: source.id },
        },
        signal,
      );
      const stored = { ...page, documentId, sourceId: source.id, links: linksOf(links) };
      await store.putPage(stored);
      // The source was removed while it was being read, so remove the result, too.
      if ((await store.get(source.id)) === undefined) {
        await this.removePages(scope, [stored]);
        throw new Error('the source was removed');
      }
      return stored.links;
    };
  }

  private async removePages(scope: TenantScope, pages: readonly StoredPage[]): Promise<void> {
    for (const { documentId } of pages) {
      await this.deps.knowledge.remove(scope, documentId);
      await scope.store(sourceStore).removePage(documentId);
    }
  }

  /** Records in the document that was promised why it has no content. */
  private async failFirst(
    scope: TenantScope,
    { id, url }: KnowledgeSource,
    problem: SourceProblem | undefined,
  ): Promise<void> {
    await scope.documents.update(documentIdOf(id, url), {
      status: 'failed',
      error: { code: problem?.kind ?? 'unreachable', detail: problem?.detail ?? '' },
      updatedAt: this.deps.clock.now(),
    });
  }

  private async tell(scope: TenantScope, source: KnowledgeSource, { tell }: SyncData): Promise<void> {
    if (tell === undefined) return;
    const conversation = await scope.conversations.get(tell.conversationId);
    const t = this.deps.i18n.translator(conversation?.locale ?? scope.settings.locale);
    const { url, status, problem } = source;
    const count = (await this.pages(scope, source.id)).length;
    const reason = problem === undefined ? 'none' : t('knowledge.source.problem', { kind: problem.kind });
    const text = t('knowledge.source.read', { url: quote(url), status, count, reason });
    const undo = { label: t('button.undo'), action: `/kb remove ${source.id}` };
    await this.deps.outreach.say(
      scope,
      tell.conversationId,
      tell.key,
      { text, buttons: [[undo]] },
      'command',
    );
  }
}

function documentIdOf(sourceId: string, url: string): string {
  return derivedId('doc', sourceId, url);
}

function changeOf(
  { reached, problem }: ReadSite,
  now: Date,
  last: Pick<KnowledgeSource, 'lastSyncedAt'>,
): Pick<KnowledgeSource, 'status' | 'problem' | 'lastSyncedAt' | 'updatedAt'> {
  return {
    status: reached ? 'ready' : 'failed',
    updatedAt: now,
    ...(reached ? { lastSyncedAt: now } : last),
    ...(problem === undefined ? {} : { problem }),
  };
}

function waiting(id: string, { id: sourceId, url }: KnowledgeSource, now: Date): StoredDocument {
  return {
    id,
    title: url,
    kind: 'html',
    locale: undefined,
    metadata: { url: url.slice(0, 1000), source_id: sourceId },
    status: 'queued',
    progress: 0,
    chunks: 0,
    revision: 1,
    generation: 0,
    contentHash: '',
    createdAt: now,
    updatedAt: now,
  };
}
