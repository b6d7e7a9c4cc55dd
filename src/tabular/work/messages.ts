import {
  TabularError,
  type ReadingChoices,
  type TableProfile,
  type TableReason,
  type TabularErrorKind,
} from '../../contracts/tabular.js';
import type { TrainingChoices } from '../features/choose-columns.js';
import type { PredictedTable, PredictTableOptions } from '../model/predict-table.js';
import type { TabularModel } from '../model/model.js';
import type { TableAnswer, TableQuestion } from '../ask/question.js';
import type { TrainedResult } from '../train/train-model.js';

/** The only request a child gets; the bytes of the table follow piece by piece. */
export type WorkRequest =
  | { readonly type: 'profile'; readonly choices: ReadingChoices }
  | {
      readonly type: 'train';
      readonly profile: TableProfile;
      readonly wish: TrainingChoices;
      readonly name: string;
    }
  | { readonly type: 'ask'; readonly profile: TableProfile; readonly question: TableQuestion }
  | ({ readonly type: 'predict'; readonly model: TabularModel } & PredictTableOptions);

export interface TrainedWork {
  readonly result: TrainedResult;
  readonly artifact: Uint8Array;
}

/** Answers by the type of the request. */
export interface WorkAnswers {
  readonly profile: TableProfile;
  readonly train: TrainedWork;
  readonly ask: TableAnswer;
  readonly predict: PredictedTable;
}

export type WorkMessage =
  | { readonly type: 'progress'; readonly stage: string; readonly share: number }
  /** A part of the file that the work writes, in order. */
  | { readonly type: 'output'; readonly bytes: Uint8Array }
  | { readonly type: 'done'; readonly answer: WorkAnswers[keyof WorkAnswers] }
  | FailedMessage;

/** A `TabularError` on its way to the parent. */
export interface FailedMessage {
  readonly type: 'failed';
  readonly kind: TabularErrorKind;
  readonly detail: string;
  readonly column?: string;
  readonly row?: number;
  readonly reason?: TableReason;
}

/** What the parent sends after the request. */
export type BytesMessage = { readonly type: 'bytes'; readonly bytes: Uint8Array } | { readonly type: 'end' };

/** The message for an error. Anything but a `TabularError` is a bug. */
export function failedMessage(error: unknown): FailedMessage {
  if (!(error instanceof TabularError)) {
    return { type: 'failed', kind: 'failed', detail: 'The table could not be worked on.' };
  }
  const { column, row, reason } = error.options;
  return {
    type: 'failed',
    kind: error.kind,
    detail: error.message,
    ...(column === undefined ? {} : { column }),
    ...(row === undefined ? {} : { row }),
    ...(reason === undefined ? {} : { reason }),
  };
}

export function errorOf(message: FailedMessage): TabularError {
  const { kind, detail, column, row, reason } = message;
  return new TabularError(kind, detail, {
    ...(column === undefined ? {} : { column }),
    ...(row === undefined ? {} : { row }),
    ...(reason === undefined ? {} : { reason }),
  });
}
