import { ModelError } from '../../contracts/model.js';
import {
  codes,
  field,
  malformed,
  modelFailure,
  textField,
  retryAfterMs,
  unreachable,
} from '../model-failure.js';

/** Whatever the SDK threw, as our error. The body is `{type: 'error', error: {type, message, details?}}`. */
export function toAnthropicError(provider: string, error: unknown, now: Date): ModelError {
  if (error instanceof ModelError) return error;
  const body = field(error, 'error');
  const status = field(error, 'status');
  if (body !== undefined || typeof status === 'number') {
    const inner = field(body, 'error');
    const headers = field(error, 'headers');
    return modelFailure(provider, {
      status: typeof status === 'number' ? status : undefined,
      codes: codes(field(field(inner, 'details'), 'error_code'), field(inner, 'type')),
      sentence: textField(inner, 'message'),
      retryAfterMs: retryAfterMs(headers instanceof Headers ? headers : undefined, now),
    });
  }
  return error instanceof Error && error.constructor.name.startsWith('APIConnection')
    ? unreachable(provider, error)
    : malformed(provider, 'the stream was cut or is not what the API promises');
}
