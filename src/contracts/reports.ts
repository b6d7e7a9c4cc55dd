import type { CommandReply } from './command.js';
import type { Locale } from './message.js';
import type { TenantScope } from './stores.js';

export const REPORT_KINDS = ['daily', 'weekly'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

/** Summarises a business's conversations in a message to its staff. */
export interface Reports {
  /** `date`: any day of the period, as YYYY-MM-DD in the business's time zone; absent: the current period. */
  message(
    scope: TenantScope,
    kind: ReportKind,
    locale: Locale,
    date?: string,
  ): Promise<Pick<CommandReply, 'text' | 'buttons' | 'files'>>;
}
