import type { TenantScope } from './stores.js';

/** Why a web address, or one page of it, was not read; texts and clients switch on it. */
export type SourceProblemKind =
  /** The host is not on the public internet, or the address redirects to one that is not. */
  | 'not_public'
  | 'unreachable'
  /** `robots.txt` disallows it. */
  | 'robots'
  | 'gone'
  /** The site answered with an error status. */
  | 'status'
  /** A picture, an archive or something else without text we can read. */
  | 'not_text'
  | 'no_text'
  | 'unreadable'
  | 'too_large'
  | 'too_many_redirects'
  /** Reading failed on our side after every retry. */
  | 'not_read'
  /** The first page was read, but some others were not. */
  | 'some_pages';

export interface SourceProblem {
  readonly kind: SourceProblemKind;
  /** In English, for API clients. */
  readonly detail: string;
}

/** A web address whose pages become knowledge and are re-read on a schedule. */
export interface KnowledgeSource {
  readonly id: string;
  readonly url: string;
  /** Cron expression in the business's time zone. Absent: read only on request. */
  readonly schedule?: string;
  /** How many links away from the address to follow, within the same site. */
  readonly depth: number;
  readonly status: 'waiting' | 'reading' | 'ready' | 'failed';
  /** Why it failed, or which part could not be read. Content read earlier is kept. */
  readonly problem?: SourceProblem;
  /** When everything readable was last confirmed to match the site. */
  readonly lastSyncedAt?: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface SourcePage {
  readonly url: string;
  readonly documentId: string;
}

/**
 * The web addresses of a business. Throws `QueueError` of kind `invalid-schedule` for a bad cron expression.
 */
export interface KnowledgeSources {
  /** Queues the address for reading; adding it again re-reads it with the new schedule and depth. */
  add(
    scope: TenantScope,
    source: { readonly url: string; readonly schedule?: string; readonly depth?: number },
    /** The conversation that is told what was read. */
    tell?: { readonly conversationId: string },
  ): Promise<{ readonly source: KnowledgeSource; readonly documentIds: readonly string[] }>;
  /** Newest first. */
  list(scope: TenantScope): Promise<readonly KnowledgeSource[]>;
  pages(scope: TenantScope, sourceId: string): Promise<readonly SourcePage[]>;
  /** Also removes all documents it produced. `false`: no such source. */
  remove(scope: TenantScope, sourceId: string): Promise<boolean>;
  /** Job handler: reads what changed. `undefined`: the source no longer exists. */
  sync(scope: TenantScope, sourceId: string, signal: AbortSignal): Promise<KnowledgeSource | undefined>;
  /** Schedules the sources of a restored business again, because jobs are not part of a backup. */
  resume(scope: TenantScope): Promise<void>;
  /** Throws `OutboundError` if the address is not public. */
  check(url: URL): Promise<void>;
}

/** Pages further away than this are usually about something else. */
export const DEEPEST = 5;
