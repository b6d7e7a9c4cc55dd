import { ModelError } from '../contracts/model.js';
import { brokenStream, field, modelFailure, unreachable, type FailureFacts } from './model-failure.js';
import { retryAfterMs } from '../lib/net/retry-after.js';

/** The content of a vendor's error body, as read by the vendor's own module. */
export type BodyFacts = Pick<FailureFacts, 'codes' | 'sentence' | 'status'>;

/**
 * Converts anything thrown by an SDK of OpenAI's or Anthropic's family: both provide `status`, `headers` and
 * the parsed body in `error`, and name network failures `APIConnection...`. Checks shapes instead of classes,
 * so that the SDK need not be loaded.
 */
export function sdkFailure(
  provider: string,
  error: unknown,
  now: Date,
  readBody: (body: unknown) => BodyFacts,
): ModelError {
  if (error instanceof ModelError) return error;
  const body = field(error, 'error');
  const status = field(error, 'status');
  if (body !== undefined || typeof status === 'number') {
    return modelFailure(provider, {
      ...readBody(body),
      ...(typeof status === 'number' ? { status } : {}),
      retryAfterMs: retryAfterMs(field(error, 'headers'), now),
    });
  }
  return error instanceof Error && error.constructor.name.startsWith('APIConnection')
    ? unreachable(provider, error)
    : brokenStream(provider);
}
