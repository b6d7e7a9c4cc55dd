import type { EmbeddingErrorKind } from '../../../contracts/embedding.js';

/** Where the model is and how to run it: the first message to the worker. */
export interface ModelSetup {
  readonly type: 'setup';
  readonly modelsDir: string;
  readonly modelName: string;
  readonly threads: number;
}

export interface EmbedRequest {
  readonly type: 'embed';
  readonly id: number;
  readonly texts: readonly string[];
  /** Queries come before waiting passages, because a person is waiting for them. */
  readonly urgent: boolean;
}

export type WorkerRequest = ModelSetup | EmbedRequest;

export type WorkerReply =
  | {
      readonly type: 'embedded';
      readonly id: number;
      readonly vectors: readonly Float32Array[];
      /** Resident memory of the worker, in bytes. */
      readonly residentBytes: number;
    }
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly kind: EmbeddingErrorKind;
      readonly message: string;
    };
