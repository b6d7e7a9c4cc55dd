import { z } from 'zod';
import { REPORT_KINDS, type Reports } from '../../contracts/reports.js';
import type { TenantScope } from '../../contracts/stores.js';
import { TabularError } from '../../contracts/tabular.js';
import { ToolError, type Tool } from '../../contracts/tool.js';
import { defineTool } from '../define-tool.js';

/** The tables and models of a business, limited to what tools need. */
export interface TableDesk {
  datasets(scope: TenantScope): Promise<readonly object[]>;
  models(scope: TenantScope): Promise<readonly object[]>;
  /** Rejects with `TabularError`. */
  predict(
    scope: TenantScope,
    model: string | undefined,
    row: Readonly<Record<string, string | number | boolean | null>>,
  ): Promise<object>;
}

/** Figures about the business, for staff only. */
export function tableTools({
  tables,
  reports,
}: {
  readonly tables: TableDesk;
  readonly reports: Reports;
}): readonly Tool[] {
  const staff = { effect: 'read', permission: 'staff' } as const;
  return [
    defineTool({
      ...staff,
      name: 'list_datasets',
      description:
        'The tables that the business uploaded for models: columns, counts, ranges, frequent values.',
      inputSchema: z.strictObject({}),
      run: async (_input, { scope }) => ({ datasets: await tables.datasets(scope) }),
    }),
    defineTool({
      ...staff,
      name: 'list_models',
      description: 'The models that were trained on tables: what they predict, from which columns, how well.',
      inputSchema: z.strictObject({}),
      run: async (_input, { scope }) => ({ models: await tables.models(scope) }),
    }),
    defineTool({
      ...staff,
      name: 'predict',
      description:
        'What a model of list_models predicts for one row, how sure it is, and why. What is not known may be left out.',
      inputSchema: z.strictObject({
        model: z.string().min(1).max(128).optional().describe('Id or name; absent: the newest'),
        row: z.record(
          z.string().min(1).max(200),
          z.union([z.string().max(2000), z.number(), z.boolean(), z.null()]),
        ),
      }),
      async run({ model, row }, { scope }) {
        try {
          return await tables.predict(scope, model, row);
        } catch (error) {
          if (!(error instanceof TabularError)) throw error;
          throw new ToolError('failed', error.message, { cause: error });
        }
      },
    }),
    defineTool({
      ...staff,
      name: 'report',
      description:
        'What became of the conversations of a day or a week: how many, how fast, what could not be answered.',
      inputSchema: z.strictObject({
        period: z.enum(REPORT_KINDS).default('daily'),
        date: z.iso.date().optional().describe('A day of it; absent: today'),
      }),
      async run({ period, date }, { scope, locale }) {
        const { text } = await reports.message(scope, period, locale, date);
        return { text };
      },
    }),
  ];
}
