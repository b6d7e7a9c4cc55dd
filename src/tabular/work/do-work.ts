import { answerQuestion } from '../ask/answer-question.js';
import { chooseColumns } from '../features/choose-columns.js';
import { readTrainingTable } from '../features/read-training-table.js';
import { exportModel } from '../onnx/export-model.js';
import { predictTable } from '../model/predict-table.js';
import { profileTable } from '../read/profile-table.js';
import type { Pieces } from '../read/table-source.js';
import { trainModel } from '../train/train-model.js';
import type { TrainedWork, WorkAnswers, WorkRequest } from './messages.js';

export interface WorkListener {
  onProgress?(stage: string, share: number): void;
  /** Gets the file that the work writes, in parts and in order. */
  onOutput?(bytes: Uint8Array): void;
}

/** Does the work, in whichever process it runs. Throws `TabularError`. */
export function doWork(
  request: WorkRequest,
  pieces: Pieces,
  listener: WorkListener = {},
): Promise<WorkAnswers[keyof WorkAnswers]> {
  switch (request.type) {
    case 'profile':
      return profileTable(pieces, request.choices);
    case 'train':
      return train(request, pieces, listener);
    case 'ask':
      return answerQuestion(pieces, request.profile, request.question);
    case 'predict':
      return predictTable(request.model, pieces, request, (bytes) => listener.onOutput?.(bytes));
    default:
      return request satisfies never;
  }
}

async function train(
  { profile, wish, name }: Extract<WorkRequest, { type: 'train' }>,
  pieces: Pieces,
  listener: WorkListener,
): Promise<TrainedWork> {
  listener.onProgress?.('reading', 0);
  const selection = chooseColumns(profile.columns, profile.rows, wish);
  const table = await readTrainingTable(pieces, profile, selection);
  const { seed, monotone } = wish;
  const options = {
    ...(seed === undefined ? {} : { seed }),
    ...(monotone === undefined ? {} : { monotone }),
  };
  const result = await trainModel(table, selection, options, (stage, share) =>
    listener.onProgress?.(stage, 0.05 + share * 0.9),
  );
  listener.onProgress?.('saving', 0.96);
  return { result, artifact: exportModel(result.model, name) };
}
