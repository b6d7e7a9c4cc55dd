// A process that runs one ONNX file from somebody else and ends. It loads the native runtime, has no
// environment, and may read nothing but the program: see run-onnx.ts.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Cell } from '../features/column-plan.js';
import { missingColumn, type RawRow } from '../features/encode-rows.js';
import { TabularError, type TableReason } from '../../contracts/tabular.js';
import type { CheckedModel, OnnxReply, OnnxRequest } from './onnx-messages.js';
import { failedMessage } from './messages.js';
import { predictBroughtTable } from './predict-brought-table.js';
import { ownValue } from '../../lib/own-value.js';

const MOST_INPUTS = 200;

/** The error for a model that cannot be used; `key` gives the reason in the reader's language. */
function unusable(
  message: string,
  key: TableReason['key'],
  values: TableReason['values'] = {},
): TabularError {
  return new TabularError('invalid-model', message, { reason: { key, values } });
}

async function answer({ bytes, rows, table }: OnnxRequest): Promise<OnnxReply> {
  try {
    const session = await open(bytes);
    const inputs = inputsOf(session);
    if (table !== undefined) {
      const predict = (batch: readonly RawRow[]) => run(session, inputs, batch, true);
      return { type: 'table', table: await predictBroughtTable(table, inputs, predict) };
    }
    const result = await run(session, inputs, rows ?? [{}], rows !== undefined);
    if (rows !== undefined) return { type: 'predicted', ...result };
    return { type: 'checked', model: { inputs, hasClasses: result.probabilities !== undefined } };
  } catch (error) {
    const isOurs = error instanceof TabularError;
    return failedMessage(
      isOurs ? error : unusable('The model could not be run on the rows.', 'tables.reason.onnxCannotRun'),
    );
  }
}

async function open(bytes: Uint8Array): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 });
  } catch {
    throw unusable('The file is no ONNX model that can be run.', 'tables.reason.noOnnx');
  }
}

function inputsOf({ inputMetadata }: InferenceSession): CheckedModel['inputs'] {
  if (inputMetadata.length === 0 || inputMetadata.length > MOST_INPUTS) {
    const count = inputMetadata.length;
    throw unusable(
      `The model has ${count} inputs; 1 to ${MOST_INPUTS} are usable.`,
      'tables.reason.onnxInputCount',
      { count, most: MOST_INPUTS },
    );
  }
  return inputMetadata.map((input) => {
    const type = input.isTensor ? typeOf(input.type) : undefined;
    if (!input.isTensor || type === undefined) {
      throw unusable(
        `The input "${input.name}" is neither numbers nor text.`,
        'tables.reason.onnxInputType',
        {
          input: input.name,
        },
      );
    }
    const [, width] = input.shape;
    if (input.shape.length > 2 || (input.shape.length === 2 && width !== 1)) {
      throw unusable(`The input "${input.name}" is not one column, [N, 1].`, 'tables.reason.onnxInputShape', {
        input: input.name,
      });
    }
    return { name: input.name, type };
  });
}

function typeOf(type: string): CheckedModel['inputs'][number]['type'] | undefined {
  switch (type) {
    case 'float32':
      return 'float';
    case 'float64':
      return 'double';
    case 'int64':
      return 'int';
    case 'string':
      return 'string';
    default:
      return undefined;
  }
}

async function run(
  session: InferenceSession,
  inputs: CheckedModel['inputs'],
  rows: readonly RawRow[],
  mustHave: boolean,
): Promise<{
  readonly predictions: readonly (string | number)[];
  readonly probabilities?: readonly number[];
}> {
  const feeds: Record<string, Tensor> = {};
  for (const { name, type } of inputs) {
    if (mustHave && !rows.some((row) => Object.hasOwn(row, name))) {
      throw missingColumn(name);
    }
    feeds[name] = column(
      type,
      rows.map((row) => ownValue(row, name)),
    );
  }
  const results = await session.run(feeds);
  const outputs = session.outputNames.map((name) => results[name]).filter((tensor) => tensor !== undefined);
  const first = outputs[0];
  if (first === undefined || first.dims[0] !== rows.length) {
    throw unusable('The first output has not one value per row.', 'tables.reason.onnxOutput');
  }
  const predictions = Array.from({ length: rows.length }, (_, row) => valueAt(first, row, rows.length));
  const scores = outputs.find(
    (tensor) => tensor.dims.length === 2 && (tensor.dims[1] ?? 0) > 1 && tensor.type === 'float32',
  );
  if (scores === undefined) return { predictions };
  return { predictions, probabilities: rows.map((_, row) => largest(scores, row)) };
}

function column(type: CheckedModel['inputs'][number]['type'], cells: readonly Cell[]): Tensor {
  const dims = [cells.length, 1];
  const numbers = cells.map((cell) =>
    cell === '' || cell === null || cell === undefined ? Number.NaN : Number(cell),
  );
  switch (type) {
    case 'string':
      return new Tensor(
        'string',
        cells.map((cell) => (cell === null || cell === undefined ? '' : String(cell))),
        dims,
      );
    case 'float':
      return new Tensor('float32', Float32Array.from(numbers), dims);
    case 'double':
      return new Tensor('float64', Float64Array.from(numbers), dims);
    case 'int':
      return new Tensor(
        'int64',
        BigInt64Array.from(numbers, (value) => BigInt(Math.trunc(value) || 0)),
        dims,
      );
    default:
      return type satisfies never;
  }
}

function valueAt(tensor: Tensor, row: number, rows: number): string | number {
  const value = tensor.data[row * (tensor.data.length / rows)];
  return typeof value === 'string' ? value : Number(value);
}

function largest(tensor: Tensor, row: number): number {
  const width = tensor.dims[1] ?? 1;
  let most = Number.NEGATIVE_INFINITY;
  for (let at = row * width; at < (row + 1) * width; at += 1) most = Math.max(most, Number(tensor.data[at]));
  return most;
}

// Only the parent can send messages.
process.once('message', (request: OnnxRequest) => {
  void answer(request).then((reply) => {
    process.send?.(reply, () => process.exit(0));
  });
});
// Without a parent there is nobody to answer.
process.once('disconnect', () => process.exit(1));
