import type { EmbeddingErrorKind } from '../../../contracts/embedding.js';

/** Where the model is and how it wants to be fed: the worker's first message. */
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
  /** Queries are answered before passages that wait, because a person waits for them. */
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
