import { z } from 'zod';
import type { TenantScope } from '../../contracts/stores.js';
import { TabularError } from '../../contracts/tabular.js';
import { ToolError, type Tool, type ToolContext } from '../../contracts/tool.js';
import type { Outreach } from '../../contracts/chat.js';
import { excerpt } from '../../lib/text/excerpt.js';
import { fileNameOf } from '../../lib/text/file-name.js';
import { MEASURES, PERIODS, type TableQuestion } from '../ask/question.js';
import { findRecord } from '../commands/find-record.js';
import { answerPicture } from '../pictures/answer-picture.js';
import { tabularStore, type DatasetRow } from '../records/records.js';
import { without } from '../routes/fields.js';
import type { TabularService } from '../service/tabular-service.js';

const name = z.string().min(1).max(200);

export interface TableToolNeeds {
  readonly tabular: TabularService;
  readonly outreach: Outreach;
}

/** Questions a conversation may ask about tables; the numbers come from the rows. */
export function tableTools(needs: TableToolNeeds): readonly Tool[] {
  return [askDataset(needs)];
}

/** Hides a tool's own input type, so that tools with different types fit into one list. */
function tool<Schema extends z.ZodType>(
  definition: Omit<Tool<z.output<Schema>>, 'inputSchema' | 'effect' | 'permission'> & {
    readonly inputSchema: Schema;
  },
): Tool {
  // The caller parses the input with this very schema.
  return { ...definition, effect: 'read', permission: 'staff' } as unknown as Tool;
}

const question = z.strictObject({
  dataset: name.describe('Name of the table'),
  measure: z.enum(MEASURES),
  column: name.optional().describe('Column of numbers; a count needs none'),
  by: name.optional().describe('One line for each value of this column'),
  period: z.enum(PERIODS).optional().describe('Where `by` is a column of dates'),
  where: z
    .array(z.strictObject({ column: name, is: z.string().max(200) }))
    .max(5)
    .optional(),
  order: z.enum(['largest', 'smallest']).optional(),
  limit: z.int().min(1).max(50).optional(),
  chart: z.boolean().optional().describe('Send a picture into the conversation, too'),
});

function askDataset({ tabular, outreach }: TableToolNeeds): Tool {
  return tool({
    name: 'ask_dataset',
    description:
      'Counts rows, sums, averages, smallest or largest values of a table, by a column or by day, week, month: for trends, comparisons and tops. Use only these numbers in the answer.',
    inputSchema: question,
    async run({ dataset, chart, ...query }, context) {
      const row = await datasetOf(context.scope, dataset);
      const tableQuestion = without(query) as TableQuestion;
      const answer = await explaining(() => tabular.askDataset(context.scope, row, tableQuestion));
      const { lines, allLines, rows, unreadable } = answer;
      const isSent = chart === true && (await sendChart(row, tableQuestion, answer, context, outreach));
      return {
        dataset: row.name,
        lines: lines.map(({ group, value, rows: of }) => ({ ...without({ group }), value, rows: of })),
        all_lines: allLines,
        counted_rows: rows,
        unreadable,
        ...(isSent ? { chart: 'sent' } : {}),
      };
    },
  });
}

async function sendChart(
  row: DatasetRow,
  tableQuestion: TableQuestion,
  answer: Parameters<typeof answerPicture>[0],
  { scope, conversationId, turnId, locale }: ToolContext,
  outreach: Outreach,
): Promise<boolean> {
  const title = [tableQuestion.measure, tableQuestion.column, tableQuestion.by && `/ ${tableQuestion.by}`]
    .filter(Boolean)
    .join(' ');
  const bytes = await answerPicture(answer, tableQuestion, {
    title: excerpt(`${row.name}: ${title}`, 60),
    locale,
  });
  if (bytes === undefined) return false;
  const fileName = `${fileNameOf(row.name)}-chart.png`;
  const file = await scope.files.save({ kind: 'image', fileName, mediaType: 'image/png', bytes });
  // A turn that is retried sends the picture only once.
  const key = `chart ${turnId} ${JSON.stringify(tableQuestion)}`;
  return (
    (await outreach.say(scope, conversationId, key, { text: '', files: [file] }, 'command')) !== undefined
  );
}

async function datasetOf(scope: TenantScope, idOrName: string): Promise<DatasetRow> {
  const row = await findRecord(scope.store(tabularStore).datasets, idOrName);
  if (row === undefined)
    throw new ToolError('failed', 'There is no such table; ask without a name for the list.');
  return row;
}

async function explaining<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TabularError) throw new ToolError('failed', error.message, { cause: error });
    throw error;
  }
}
