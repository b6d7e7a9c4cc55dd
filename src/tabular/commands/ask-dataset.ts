import type { CommandContext, CommandReply } from '../../contracts/command.js';
import type { Translate } from '../../contracts/i18n.js';
import type { Locale } from '../../contracts/message.js';
import { excerpt, quote } from '../../lib/text/excerpt.js';
import { fileNameOf } from '../../lib/text/file-name.js';
import { shortId } from '../../lib/ids/short-id.js';
import { isInTime, NO_VALUE } from '../ask/answer-question.js';
import type { TableAnswer, TableQuestion } from '../ask/question.js';
import { readQuestion } from '../ask/read-question.js';
import { answerPicture } from '../pictures/answer-picture.js';
import type { DatasetRow } from '../records/records.js';
import { numberText } from '../report/number-text.js';
import type { TabularNeeds } from './needs.js';

/** `/datasets ask orders mean total by kota`: answered from the rows, with a picture. */
export async function askDataset(
  { t, scope, services, locale }: CommandContext<TabularNeeds>,
  row: DatasetRow,
  text: string,
): Promise<CommandReply> {
  const question = readQuestion(text, row.columns);
  if (question === undefined) return { text: t('tables.ask.unclear', { example: exampleFor(row) }) };
  const answer = await services.tabular.askDataset(scope, row, question);
  const bytes = await answerPicture(answer, question, { title: excerpt(text, 60), locale });
  return {
    text: answerText(row, question, answer, t, locale),
    ...(bytes === undefined
      ? {}
      : { files: [{ name: `${fileNameOf(row.name)}-answer.png`, mediaType: 'image/png', bytes }] }),
  };
}

export function answerText(
  row: DatasetRow,
  question: TableQuestion,
  { lines, allLines, rows, unreadable }: TableAnswer,
  t: Translate,
  locale: Locale,
): string {
  if (lines.length === 0) return t('tables.ask.nothing');
  const where = (question.where ?? []).map(({ column, is }) => `${quote(column)} = ${quote(is)}`);
  const common = { rows, name: quote(row.name), where: where.length === 0 ? 'none' : where.join(', ') };
  if (question.measure === 'count' && question.by === undefined) return t('tables.ask.count', common);
  const heading = t('tables.ask.answer', {
    measure: question.measure,
    column: quote(question.column ?? ''),
    by: question.by === undefined ? 'none' : quote(question.by),
    period: question.period ?? 'none',
    ...common,
  });
  const resultLines = lines.map(({ group, value }) => {
    const number = `**${numberText(value, locale)}**`;
    return group === undefined
      ? number
      : `- ${group === NO_VALUE ? t('tables.ask.empty') : quote(group, 60)}: ${number}`;
  });
  const rest =
    allLines > lines.length
      ? [t('tables.ask.rest', { count: allLines - lines.length, earlier: String(isInTime(question)) })]
      : [];
  const leftOut = unreadable > 0 ? [t('tables.ask.leftOut', { count: unreadable })] : [];
  // A blank line ends the list.
  const notes = [...rest, ...leftOut].join('\n');
  return [heading, ...resultLines, ...(notes === '' ? [] : [`\n${notes}`])].join('\n');
}

function exampleFor({ _id, columns }: DatasetRow): string {
  const number = columns.find(({ type }) => type === 'number')?.name;
  const group = columns.find(({ type }) => type === 'category')?.name;
  const words = `${number === undefined ? 'count' : `mean ${number}`}${group === undefined ? '' : ` by ${group}`}`;
  return `/datasets ask ${shortId(_id)} ${words}`.replaceAll('`', '');
}
