import { z } from 'zod';
import { COLUMN_TYPES, TABLE_LIMITS, TabularError } from '../../contracts/tabular.js';
import { textSchema, timeSchema } from '../../lib/api/fields.js';
import { HttpProblem } from '../../lib/api/problem.js';
import { MOST_TITLE_ROWS } from '../read/find-header.js';
import type { DatasetRow, ModelRow, TrainingRow } from '../records/records.js';

export const common = { auth: 'tenant', tag: 'tables' } as const;
export const FILE = { maxBytes: TABLE_LIMITS.bytes + 1024 } as const;

export const columnName = z.string().min(1).max(200);
export const nameSchema = textSchema(100).describe('Of the model or table');

/** A form field that holds JSON. */
export function jsonField<Output>(schema: z.ZodType<Output>) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

export const typesSchema = z.record(columnName, z.enum(COLUMN_TYPES));

export const readingFields = {
  encoding: z
    .string()
    .min(1)
    .max(40)
    .optional()
    .describe('E.g. windows-1252; decided from the file when absent'),
  delimiter: z.string().length(1).optional(),
  title_rows: z.coerce
    .number()
    .int()
    .min(0)
    .max(MOST_TITLE_ROWS)
    .optional()
    .describe('Lines above the header; decided from the file when absent'),
  decimal: z.enum(['.', ',']).optional(),
  date_order: z.enum(['day-first', 'month-first']).optional(),
  types: jsonField(typesSchema).optional().describe('Corrections as a JSON object: column to type'),
};

export const wishFields = {
  target: columnName.describe('Column to predict'),
  task: z.enum(['classification', 'regression', 'text']).optional(),
  name: nameSchema.optional(),
  group: columnName.optional().describe('Rows with the same value stay together when the model is tested'),
  time: columnName.optional().describe('Date column: later rows are predicted from earlier ones'),
};

/** Drops fields that are `undefined`. */
export function without<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** Turns a `TabularError` into an API problem; its message is written for API clients. */
export async function asProblem<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof TabularError ? problemOf(error) : error;
  }
}

function problemOf(error: TabularError): HttpProblem {
  const { kind, message, options } = error;
  const code = kind.replaceAll('-', '_');
  const path = options.column ?? (options.row === undefined ? 'file' : `file.${options.row}`);
  const details = { errors: [{ path, code, message }], cause: error };
  switch (kind) {
    case 'not-a-table':
      return new HttpProblem(415, code, message, details);
    case 'too-large':
      return new HttpProblem(413, code, message, details);
    case 'invalid-csv':
    case 'empty':
    case 'unknown-column':
    case 'missing-column':
    case 'invalid-model':
    case 'cannot-train':
    case 'cannot-answer':
      return new HttpProblem(422, code, message, details);
    case 'no-model':
      return new HttpProblem(404, code, message, { cause: error });
    case 'cancelled':
      return new HttpProblem(409, code, message, { cause: error });
    case 'interrupted':
      return new HttpProblem(503, code, message, { cause: error });
    case 'failed':
      return new HttpProblem(500, 'internal_error', 'Something went wrong on our side.', { cause: error });
    default:
      return kind satisfies never;
  }
}

const anyObject = z.record(z.string(), z.unknown());

export const datasetSchema = z.object({
  dataset_id: z.string(),
  name: z.string(),
  file_name: z.string(),
  rows: z.int(),
  columns: z.array(anyObject),
  target_candidates: z.array(z.string()),
  format: anyObject,
  size_bytes: z.int(),
  created_at: timeSchema,
});

function formatJson({ encoding, delimiter, titleRows, totalRows }: DatasetRow['format']) {
  return { encoding, delimiter, ...without({ title_rows: titleRows, total_rows: totalRows }) };
}

function columnJson({ format, ...column }: DatasetRow['columns'][number]) {
  if (format === undefined) return column;
  const { dateOrder, hasTime, isDecisive: _, ...marks } = format;
  return { ...column, format: { ...marks, ...without({ date_order: dateOrder, has_time: hasTime }) } };
}

export function datasetJson(row: DatasetRow): z.output<typeof datasetSchema> {
  return {
    dataset_id: row._id,
    name: row.name,
    file_name: row.fileName,
    rows: row.rows,
    columns: row.columns.map(columnJson),
    target_candidates: [...row.targetCandidates],
    format: formatJson(row.format),
    size_bytes: row.bytes,
    created_at: row.createdAt.toISOString(),
  };
}

export const datasetExample = {
  dataset_id: 'dataset_5mQ0x7cWb2nVrT8sYkLd1A',
  name: 'orders',
  file_name: 'orders.csv',
  rows: 1200,
  columns: [
    {
      name: 'total',
      type: 'number',
      missing: 0,
      unreadable: 0,
      distinct: 870,
      min: 5,
      max: 990,
      mean: 120.5,
    },
  ],
  target_candidates: ['returned'],
  format: { encoding: 'utf-8', delimiter: ',' },
  size_bytes: 48_000,
  created_at: '2026-11-20T08:00:00.000Z',
};

export const trainingSchema = z.object({
  training_id: z.string(),
  status: z.enum(['queued', 'running', 'done', 'failed']),
  progress: z.number(),
  stage: z.string(),
  dataset_id: z.string(),
  model_id: z.string().optional(),
  accuracy: z.number().optional(),
  metrics: anyObject.optional(),
  error: z.object({ code: z.string(), detail: z.string() }).optional(),
  created_at: timeSchema,
});

export function trainingJson(row: TrainingRow): z.output<typeof trainingSchema> {
  const { modelId, metrics, error } = row;
  return {
    training_id: row._id,
    status: row.status,
    progress: row.progress,
    stage: row.stage,
    dataset_id: row.datasetId,
    ...(modelId === undefined ? {} : { model_id: modelId }),
    ...(metrics?.accuracy === undefined ? {} : { accuracy: metrics.accuracy }),
    ...(metrics === undefined ? {} : { metrics: { ...metrics } }),
    ...(error === undefined ? {} : { error: { code: error.code, detail: error.detail } }),
    created_at: row.createdAt.toISOString(),
  };
}

export const trainingExample = {
  training_id: 'training_5mQ0x7cWb2nVrT8sYkLd1A',
  status: 'done',
  progress: 1,
  stage: 'done',
  dataset_id: datasetExample.dataset_id,
  model_id: 'model_5mQ0x7cWb2nVrT8sYkLd1A',
  accuracy: 0.84,
  metrics: {
    task: 'classification',
    folds: 5,
    rows: 1200,
    accuracy: 0.84,
    baseline: { accuracy: 0.62, class: 'no' },
    chosen: 'trees',
  },
  created_at: '2026-11-20T08:00:00.000Z',
};

export const logSchema = z.object({
  id: z.string(),
  user_id: z.string(),
  workspace_id: z.string(),
  model: z.string(),
  metric: z.string().nullable(),
  accuracy: z.number().nullable(),
  filename: z.string(),
  created_at: timeSchema,
  duration_ms: z.int().nullable(),
  model_id: z.string().nullable(),
  status: z.string(),
});

/** One entry of the training log; `accuracy` holds the figure named by `metric`. */
export function logJson(row: TrainingRow, workspaceId: string): z.output<typeof logSchema> {
  const { metrics } = row;
  const metric = metrics === undefined ? null : metrics.accuracy === undefined ? 'rmse' : 'accuracy';
  return {
    id: row._id,
    user_id: row.userId,
    workspace_id: workspaceId,
    model: row.name,
    metric,
    accuracy: metrics?.accuracy ?? metrics?.rmse ?? null,
    filename: row.fileName,
    created_at: row.createdAt.toISOString(),
    duration_ms: row.durationMs ?? null,
    model_id: row.modelId ?? null,
    status: row.status,
  };
}

export const modelSchema = z.object({
  id: z.string(),
  name: z.string(),
  version: z.int(),
  task: z.string(),
  target: z.string(),
  columns: z.array(z.string()),
  classes: z.array(z.string()).optional(),
  metrics: anyObject.optional(),
  importance: z.array(anyObject),
  active: z.boolean(),
  source: z.enum(['trained', 'brought']),
  format: z.literal('onnx'),
  size_bytes: z.int(),
  created_at: timeSchema,
});

export function modelJson(row: ModelRow): z.output<typeof modelSchema> {
  return {
    id: row._id,
    name: row.name,
    version: row.version,
    task: row.task,
    target: row.target,
    columns: [...row.columns],
    ...(row.classes === undefined ? {} : { classes: [...row.classes] }),
    ...(row.metrics === undefined ? {} : { metrics: { ...row.metrics } }),
    importance: row.importance.map((each) => ({ ...each })),
    active: row.active,
    source: row.source,
    format: 'onnx',
    size_bytes: row.sizeBytes,
    created_at: row.createdAt.toISOString(),
  };
}

export const modelExample = {
  id: 'model_5mQ0x7cWb2nVrT8sYkLd1A',
  name: 'returned',
  version: 1,
  task: 'classification',
  target: 'returned',
  columns: ['total'],
  classes: ['no', 'yes'],
  importance: [{ column: 'total', share: 1, permutation: 0.2 }],
  active: true,
  source: 'trained',
  format: 'onnx',
  size_bytes: 120_000,
  created_at: '2026-11-20T08:00:00.000Z',
};
