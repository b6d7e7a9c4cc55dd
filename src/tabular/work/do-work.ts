import { answerQuestion } from '../ask/answer-question.js';
import { chooseColumns } from '../features/choose-columns.js';
import { readTrainingTable } from '../features/read-training-table.js';
import { exportModel } from '../onnx/export-model.js';
import { predictTable } from '../model/predict-table.js';
import { profileTable } from '../read/profile-table.js';
import type { Pieces } from '../read/table-source.js';
import { trainModel } from '../train/train-model.js';
import type { TrainedWork, WorkAnswers, WorkRequest } from './messages.js';

export type OnWorkProgress = (stage: string, share: number) => void;

/** Does the work, in whichever process it runs. Throws `TabularError`. */
export function doWork(
  request: WorkRequest,
  pieces: Pieces,
  onProgress: OnWorkProgress,
): Promise<WorkAnswers[keyof WorkAnswers]> {
  switch (request.type) {
    case 'profile':
      return profileTable(pieces, request.choices);
    case 'train':
      return train(request, pieces, onProgress);
    case 'ask':
      return answerQuestion(pieces, request.profile, request.question);
    case 'predict':
      return predictTable(request.model, pieces, request);
    default:
      return request satisfies never;
  }
}

async function train(
  { profile, wish, name }: Extract<WorkRequest, { type: 'train' }>,
  pieces: Pieces,
  onProgress: OnWorkProgress,
): Promise<TrainedWork> {
  onProgress('reading', 0);
  const selection = chooseColumns(profile.columns, profile.rows, wish);
  const table = await readTrainingTable(pieces, profile, selection);
  const { seed, monotone } = wish;
  const options = {
    ...(seed === undefined ? {} : { seed }),
    ...(monotone === undefined ? {} : { monotone }),
  };
  const result = await trainModel(table, selection, options, (stage, share) =>
    onProgress(stage, 0.05 + share * 0.9),
  );
  onProgress('saving', 0.96);
  return { result, artifact: exportModel(result.model, name) };
}
