import type { CommandReply } from '../../contracts/command.js';
import type { Translate } from '../../contracts/i18n.js';
import { TabularError } from '../../contracts/tabular.js';
import { escapeMarkdown } from '../../lib/text/escape-markdown.js';
import { reasonText } from '../report/reason-text.js';

/** Turns a `TabularError` into a reply in the person's language. */
export async function explainingTables<Reply extends CommandReply | undefined>(
  t: Translate,
  work: () => Promise<Reply>,
): Promise<Reply | CommandReply> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TabularError) return { text: problemText(t, error) };
    throw error;
  }
}

/** The error in the person's language. */
export function problemText(t: Translate, { kind, message, options }: TabularError): string {
  const detail = reasonText(t, options.reason, message);
  const column = escapeMarkdown(options.column ?? '');
  switch (kind) {
    case 'not-a-table':
      return t('tables.error.notATable', { detail });
    case 'invalid-csv':
      return t('tables.error.invalidCsv', { detail });
    case 'empty':
      return t('tables.error.empty');
    case 'too-large':
      return t('tables.error.tooLarge', { detail });
    case 'unknown-column':
      return t('tables.error.unknownColumn', { column });
    case 'cannot-train':
      return t('tables.error.cannotTrain', { detail });
    case 'cannot-answer':
      return t('tables.error.cannotAnswer', { detail });
    case 'missing-column':
      return t('tables.error.missingColumn', { column });
    case 'invalid-model':
      return t('tables.error.invalidModel', { detail });
    case 'no-model':
      return t('tables.error.noModel');
    case 'cancelled':
      return t('tables.train.stopped');
    case 'interrupted':
      return t('tables.error.interrupted');
    case 'failed':
      return t('tables.error.failed');
    default:
      return kind satisfies never;
  }
}
