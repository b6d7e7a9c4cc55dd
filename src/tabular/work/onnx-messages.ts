import type { RawRow } from '../features/encode-rows.js';
import type { FailedMessage } from './messages.js';

/** The only request to a child that runs other people's models. */
export interface OnnxRequest {
  readonly bytes: Uint8Array;
  /** Rows to predict; without them the model is only tried. */
  readonly rows?: readonly RawRow[];
  /** A CSV file to predict, instead of rows. */
  readonly table?: Uint8Array;
}

export interface CheckedModel {
  readonly inputs: readonly { readonly name: string; readonly type: 'float' | 'string' | 'int' | 'double' }[];
  readonly hasClasses: boolean;
}

/** A table with its predictions. */
export interface BroughtPredictions {
  readonly csv: Uint8Array;
  readonly rows: number;
  readonly predictions: readonly (string | number)[];
  readonly probabilities?: readonly number[];
}

export type OnnxReply =
  | { readonly type: 'checked'; readonly model: CheckedModel }
  | {
      readonly type: 'predicted';
      readonly predictions: readonly (string | number)[];
      readonly probabilities?: readonly number[];
    }
  | { readonly type: 'table'; readonly table: BroughtPredictions }
  | FailedMessage;
