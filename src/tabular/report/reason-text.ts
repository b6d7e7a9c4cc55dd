import type { Translate } from '../../contracts/i18n.js';
import type { TableReason } from '../../contracts/tabular.js';
import { escapeMarkdown } from '../../lib/text/escape-markdown.js';

/**
 * Why something was refused, in the reader's language; `detail` is the English text, used if there is no
 * reason with a translation.
 */
export function reasonText(t: Translate, reason: TableReason | undefined, detail: string): string {
  if (reason === undefined) return escapeMarkdown(detail);
  const values = Object.entries(reason.values ?? {}).map(
    ([name, value]) => [name, typeof value === 'string' ? escapeMarkdown(value) : value] as const,
  );
  return t(reason.key, Object.fromEntries(values));
}
