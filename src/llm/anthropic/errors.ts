import type { ModelError } from '../../contracts/model.js';
import { codes, field, textField } from '../model-failure.js';
import { sdkFailure, type BodyFacts } from '../sdk-failure.js';

export function toAnthropicError(provider: string, error: unknown, now: Date): ModelError {
  return sdkFailure(provider, error, now, readBody);
}

/** The body is `{type: 'error', error: {type, message, details?}}`. */
function readBody(body: unknown): BodyFacts {
  const inner = field(body, 'error');
  return {
    codes: codes(field(field(inner, 'details'), 'error_code'), field(inner, 'type')),
    sentence: textField(inner, 'message'),
  };
}
