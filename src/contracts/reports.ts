import type { CommandReply } from './command.js';
import type { Locale } from './message.js';
import type { TenantScope } from './stores.js';

export const REPORT_KINDS = ['daily', 'weekly'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

/** What became of a business's conversations, as a message to its staff. */
export interface Reports {
  /** `date`: a day of the period, YYYY-MM-DD where the business is; absent: the one that runs. */
  message(
    scope: TenantScope,
    kind: ReportKind,
    locale: Locale,
    date?: string,
  ): Promise<Pick<CommandReply, 'text' | 'buttons' | 'files'>>;
}
