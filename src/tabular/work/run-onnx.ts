import { TabularError } from '../../contracts/tabular.js';
import { ChildError, runLimitedChild, type ChildLimits } from '../../lib/work/limited-child.js';
import type { RawRow } from '../features/encode-rows.js';
import type { Predictions } from '../model/predict.js';
import type { BroughtPredictions, CheckedModel, OnnxReply, OnnxRequest } from './onnx-messages.js';
import { errorOf } from './messages.js';

const MEGABYTE = 1024 * 1024;
/** Larger than any model for tables. */
const MOST_BYTES = 100 * MEGABYTE;
const MOST_TABLE_BYTES = 20 * MEGABYTE;

const LIMITS = {
  cpuMs: 30_000,
  wallMs: 90_000,
  residentBytes: 768 * MEGABYTE,
  heapMegabytes: 256,
} as const satisfies ChildLimits;

/**
 * Tries a model from somebody else on one empty row, in a child process: whatever the file does, only the
 * child dies.
 * @throws TabularError `invalid-model`
 */
export async function checkModel(bytes: Uint8Array): Promise<CheckedModel> {
  if (bytes.length > MOST_BYTES) {
    const most = MOST_BYTES / MEGABYTE;
    throw new TabularError('invalid-model', `The model is larger than ${most} MB.`, {
      reason: { key: 'tables.reason.onnxTooLarge', values: { most } },
    });
  }
  const reply = await ask({ bytes });
  if (reply.type !== 'checked') throw unexpected();
  return reply.model;
}

/** @throws TabularError */
export async function runBroughtModel(bytes: Uint8Array, rows: readonly RawRow[]): Promise<Predictions> {
  const reply = await ask({ bytes, rows });
  if (reply.type !== 'predicted') throw unexpected();
  const { predictions, probabilities } = reply;
  return { predictions, ...(probabilities === undefined ? {} : { probabilities }) };
}

/**
 * Adds the model's predictions to a CSV file.
 * @throws TabularError
 */
export async function predictWithBrought(bytes: Uint8Array, table: Uint8Array): Promise<BroughtPredictions> {
  if (table.length > MOST_TABLE_BYTES) {
    const most = MOST_TABLE_BYTES / MEGABYTE;
    throw new TabularError('too-large', `The file is larger than ${most} MB.`, {
      reason: { key: 'tables.reason.tooManyBytes', values: { most } },
    });
  }
  const reply = await ask({ bytes, table });
  if (reply.type !== 'table') throw unexpected();
  return reply.table;
}

async function ask(request: OnnxRequest): Promise<OnnxReply> {
  let reply: OnnxReply;
  try {
    reply = await runLimitedChild({
      entry: 'src/tabular/work/onnx-child.js',
      limits: LIMITS,
      addons: true,
      messages: [request],
      onMessage: (message) => ({ answer: message as OnnxReply }),
    });
  } catch (error) {
    if (!(error instanceof ChildError)) throw error;
    throw new TabularError('invalid-model', 'The model takes too much time or memory, or ends the process.', {
      cause: error,
      reason: { key: 'tables.reason.onnxTooMuch' },
    });
  }
  if (reply.type === 'failed') throw errorOf(reply);
  return reply;
}

function unexpected(): TabularError {
  return new TabularError('failed', 'The model gave another answer than it was asked for.');
}
