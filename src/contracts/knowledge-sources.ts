import type { TenantScope } from './stores.js';

/** Why a web address, or one page of it, was not read; in the form that texts and clients choose by. */
export type SourceProblemKind =
  /** It names, or leads to, a host that is not on the public internet. */
  | 'not_public'
  | 'unreachable'
  /** The site asks programs not to read it. */
  | 'robots'
  | 'gone'
  /** It answers with an error. */
  | 'status'
  /** A picture, an archive or something else without text that we read. */
  | 'not_text'
  | 'no_text'
  | 'unreadable'
  | 'too_large'
  | 'too_many_redirects'
  /** Reading failed for a reason of ours, however often it was tried. */
  | 'not_read'
  /** The first page was read, others were not. */
  | 'some_pages';

export interface SourceProblem {
  readonly kind: SourceProblemKind;
  /** In English, for API clients. */
  readonly detail: string;
}

/** A web address whose pages are knowledge, read again when it is due. */
export interface KnowledgeSource {
  readonly id: string;
  readonly url: string;
  /** When it is read again: a cron line in the business's time zone. Absent: only when told to. */
  readonly schedule?: string;
  /** How many links away from the address pages are read, on the same site. */
  readonly depth: number;
  readonly status: 'waiting' | 'reading' | 'ready' | 'failed';
  /** Why it failed, or what of it could not be read. What was read before is kept. */
  readonly problem?: SourceProblem;
  /** When all of it that can be read was last known to be what the site says. */
  readonly lastSyncedAt?: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface SourcePage {
  readonly url: string;
  readonly documentId: string;
}

/** Web addresses of a business. Throws `QueueError` of kind `invalid-schedule` for a wrong cron line. */
export interface KnowledgeSources {
  /** Read in the background; the same address again is read anew, by the new schedule and depth. */
  add(
    scope: TenantScope,
    source: { readonly url: string; readonly schedule?: string; readonly depth?: number },
    /** Who is told in this conversation what was read. */
    tell?: { readonly conversationId: string },
  ): Promise<{ readonly source: KnowledgeSource; readonly documentIds: readonly string[] }>;
  /** Newest first. */
  list(scope: TenantScope): Promise<readonly KnowledgeSource[]>;
  pages(scope: TenantScope, sourceId: string): Promise<readonly SourcePage[]>;
  /** With all documents that came of it. `false`: there is none. */
  remove(scope: TenantScope, sourceId: string): Promise<boolean>;
  /** Job handler: reads what changed. `undefined`: there is no such source any more. */
  sync(scope: TenantScope, sourceId: string, signal: AbortSignal): Promise<KnowledgeSource | undefined>;
  /** Plans them again in a business that was restored, whose jobs were not. */
  resume(scope: TenantScope): Promise<void>;
  /** Throws `OutboundError` where the address is not a public one. */
  check(url: URL): Promise<void>;
}

/** Further away from an address than this is another subject. */
export const DEEPEST = 5;
