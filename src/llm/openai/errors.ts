import type { ModelError } from '../../contracts/model.js';
import { codes, field, textField } from '../model-failure.js';
import { sdkFailure, type BodyFacts } from '../sdk-failure.js';

export function toOpenAiError(provider: string, error: unknown, now: Date): ModelError {
  return sdkFailure(provider, error, now, readBody);
}

/** The body's `error` is `{message, type, param, code}`. */
function readBody(body: unknown): BodyFacts {
  return {
    status: statusOf(body),
    codes: codes(field(body, 'code'), field(body, 'type'), field(body, 'param')),
    sentence: textField(body, 'message'),
  };
}

/** Some gateways send the HTTP status as the code of an error inside the stream. */
function statusOf(body: unknown): number | undefined {
  const code = Number(field(body, 'code'));
  return code >= 400 && code < 600 ? code : undefined;
}
