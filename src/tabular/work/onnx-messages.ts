import type { TableReason } from '../../contracts/tabular.js';
import type { RawRow } from '../features/encode-rows.js';

/** The only request to a child that runs other people's models. */
export interface OnnxRequest {
  readonly bytes: Uint8Array;
  /** Rows to predict; without them the model is only tried. */
  readonly rows?: readonly RawRow[];
}

export interface CheckedModel {
  readonly inputs: readonly { readonly name: string; readonly type: 'float' | 'string' | 'int' | 'double' }[];
  readonly hasClasses: boolean;
}

export type OnnxReply =
  | { readonly type: 'checked'; readonly model: CheckedModel }
  | {
      readonly type: 'predicted';
      readonly predictions: readonly (string | number)[];
      readonly probabilities?: readonly number[];
    }
  | Refusal;

export interface Refusal {
  readonly type: 'refused';
  readonly kind: 'invalid-model' | 'missing-column';
  readonly detail: string;
  readonly column?: string;
  readonly reason?: TableReason;
}
