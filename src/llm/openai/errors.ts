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

/** Whatever the SDK threw, as our error. Looks at shapes, so that the SDK need not be loaded. */
export function toOpenAiError(provider: string, error: unknown, now: Date): ModelError {
  if (error instanceof ModelError) return error;
  const body = field(error, 'error');
  if (body !== undefined || typeof field(error, 'status') === 'number') {
    const headers = field(error, 'headers');
    return modelFailure(provider, {
      status: statusOf(error, body),
      codes: codes(field(body, 'code'), field(body, 'type'), field(body, 'param')),
      sentence: textField(body, 'message'),
      retryAfterMs: retryAfterMs(headers instanceof Headers ? headers : undefined, now),
    });
  }
  return error instanceof Error && error.constructor.name.startsWith('APIConnection')
    ? unreachable(provider, error)
    : malformed(provider, 'the stream was cut or is not what the API promises');
}

/** Some gateways put the HTTP status into the code of an error inside the stream. */
function statusOf(error: unknown, body: unknown): number | undefined {
  const status = field(error, 'status');
  if (typeof status === 'number') return status;
  const code = Number(field(body, 'code'));
  return code >= 400 && code < 600 ? code : undefined;
}
