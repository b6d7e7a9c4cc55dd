import { ModelError } from '../../contracts/model.js';
import { brokenStream, codes, field, modelFailure, textField, unreachable } from '../model-failure.js';

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';
const QUOTA_FAILURE = 'type.googleapis.com/google.rpc.QuotaFailure';
const NOT_SENT = /: Error fetching from /u;

/**
 * Converts anything the SDK throws. Its messages contain the URL and the vendor's text, so they are not
 * passed on.
 */
export function toGeminiError(provider: string, error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  const status = field(error, 'status');
  const sentence = error instanceof Error ? error.message : '';
  if (typeof status === 'number') {
    const details = detailsOf(error);
    return modelFailure(provider, {
      status,
      codes: codes(...details.map((detail) => field(detail, 'reason'))),
      sentence,
      retryAfterMs: retryDelayMs(details),
      quotaExhausted: details.some(isDailyQuota),
    });
  }
  return NOT_SENT.test(sentence) ? unreachable(provider, error) : brokenStream(provider);
}

function detailsOf(error: unknown): readonly unknown[] {
  const details = field(error, 'errorDetails');
  return Array.isArray(details) ? details : [];
}

/** google.rpc.RetryInfo contains `retryDelay: "12.5s"`. */
function retryDelayMs(details: readonly unknown[]): number | undefined {
  const info = details.find((detail) => field(detail, '@type') === RETRY_INFO);
  const seconds = /^(\d+(?:\.\d+)?)s$/u.exec(textField(info, 'retryDelay'))?.[1];
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000);
}

/** A daily quota is used up until tomorrow; a quota per minute is a rate limit. */
function isDailyQuota(detail: unknown): boolean {
  if (field(detail, '@type') !== QUOTA_FAILURE) return false;
  const violations = field(detail, 'violations');
  return (
    Array.isArray(violations) &&
    violations.some((violation) => /PerDay/iu.test(textField(violation, 'quotaId')))
  );
}
