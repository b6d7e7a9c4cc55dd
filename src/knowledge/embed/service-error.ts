import { EmbeddingError } from '../../contracts/embedding.js';
import type { EmbeddingErrorKind } from '../../contracts/embedding.js';

export interface ServiceFailure {
  readonly service: string;
  /** HTTP status; `undefined` if there was no response. */
  readonly status: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause: unknown;
}

/** Classifies a failed call to an embedding service. The message contains neither key nor text. */
export function serviceError({ service, status, retryAfterMs, cause }: ServiceFailure): EmbeddingError {
  const message = status === undefined ? `${service} did not answer` : `${service} answered ${status}`;
  return new EmbeddingError(kindOfStatus(status), message, {
    cause,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function kindOfStatus(status: number | undefined): EmbeddingErrorKind {
  if (status === undefined || status === 408 || status >= 500) return 'unreachable';
  if (status === 429) return 'rate-limited';
  return status === 401 || status === 403 ? 'unauthorized' : 'rejected';
}
