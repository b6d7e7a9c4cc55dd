import { ModelError, type ModelErrorKind } from '../contracts/model.js';

/** What a vendor reported about a failure, in one form for all vendors. */
export interface FailureFacts {
  readonly status?: number | undefined;
  /** The vendor's machine-readable codes, most specific first. */
  readonly codes: readonly string[];
  /** The vendor's message: inspected but never passed on, because it may quote a key or the prompt. */
  readonly sentence?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** The vendor reports that money or quota is used up. */
  readonly quotaExhausted?: boolean;
}

/** Codes of OpenAI, Anthropic, Google and compatible servers that determine the kind by themselves. */
const KIND_OF_CODE: Readonly<Record<string, ModelErrorKind>> = {
  insufficient_quota: 'quota-exhausted',
  billing_hard_limit_reached: 'quota-exhausted',
  billing_not_active: 'quota-exhausted',
  billing_error: 'quota-exhausted',
  enforced_spend_limit_reached: 'quota-exhausted',
  context_length_exceeded: 'context-overflow',
  exceed_context_size_error: 'context-overflow',
  request_too_large: 'context-overflow',
  invalid_api_key: 'unauthorized',
  API_KEY_INVALID: 'unauthorized',
  authentication_error: 'unauthorized',
  permission_error: 'unauthorized',
  UNAUTHENTICATED: 'unauthorized',
  PERMISSION_DENIED: 'unauthorized',
  rate_limit_exceeded: 'rate-limited',
  rate_limit_error: 'rate-limited',
  RESOURCE_EXHAUSTED: 'rate-limited',
  overloaded_error: 'overloaded',
  server_error: 'overloaded',
  api_error: 'overloaded',
  timeout_error: 'overloaded',
  UNAVAILABLE: 'overloaded',
  INTERNAL: 'overloaded',
  DEADLINE_EXCEEDED: 'overloaded',
  not_found_error: 'invalid-request',
};

const OVERFLOW =
  /context (?:length|window|size)|maximum context|prompt is too long|too many (?:input )?tokens|exceeds? the maximum number of tokens|input length and .{0,20}max_tokens/iu;
const OUT_OF_MONEY = /credit balance|spend(?:ing)? limit|reached your specified .{0,20}usage limits/iu;
const SAFE_CODE = /^[\w.-]{1,64}$/u;

/** The only place that decides the kind of a vendor's failure. */
export function modelFailure(provider: string, facts: FailureFacts): ModelError {
  const kind = kindOf(facts);
  const words = [
    facts.status ?? 'error in the stream',
    ...facts.codes.filter((code) => SAFE_CODE.test(code)),
  ];
  return new ModelError(kind, provider, `${provider}: ${kind} (${words.join(', ')})`, {
    ...(facts.status === undefined ? {} : { status: facts.status }),
    ...(facts.retryAfterMs === undefined ? {} : { retryAfterMs: facts.retryAfterMs }),
  });
}

function kindOf(facts: FailureFacts): ModelErrorKind {
  const sentence = facts.sentence ?? '';
  const decided = facts.codes.map((code) => KIND_OF_CODE[code]).filter((kind) => kind !== undefined);
  if (facts.quotaExhausted === true || decided.includes('quota-exhausted')) return 'quota-exhausted';
  if (OUT_OF_MONEY.test(sentence)) return 'quota-exhausted';
  if (decided.includes('context-overflow')) return 'context-overflow';
  const byStatus = facts.status === undefined ? undefined : kindOfStatus(facts.status);
  const kind = decided[0] ?? byStatus ?? 'malformed';
  return (kind === 'invalid-request' || kind === 'malformed') && OVERFLOW.test(sentence)
    ? 'context-overflow'
    : kind;
}

function kindOfStatus(status: number): ModelErrorKind {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 402) return 'quota-exhausted';
  if (status === 413) return 'context-overflow';
  if (status === 429) return 'rate-limited';
  if (status === 408 || status === 409 || status >= 500) return 'overloaded';
  return 'invalid-request';
}

export function unreachable(provider: string, cause: unknown): ModelError {
  return new ModelError('unreachable', provider, `${provider}: not reachable (${networkCode(cause)})`);
}

export function malformed(provider: string, reason: string): ModelError {
  return new ModelError('malformed', provider, `${provider}: ${reason}`);
}

/** The stream contained neither an error in the vendor's format nor a complete answer. */
export function brokenStream(provider: string): ModelError {
  return malformed(provider, 'the stream was cut or is not what the API promises');
}

export function aborted(provider: string): ModelError {
  return new ModelError('aborted', provider, `${provider}: aborted`);
}

/** The network error code, such as `ECONNREFUSED`, from anywhere in the chain of causes. */
function networkCode(error: unknown): string {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if ('code' in cause && typeof cause.code === 'string' && SAFE_CODE.test(cause.code)) return cause.code;
  }
  return 'connection failed';
}

/** A field of a value of unknown shape. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

/** A text field of a value of unknown shape; empty if it is missing or not text. */
export function textField(value: unknown, name: string): string {
  const text = field(value, name);
  return typeof text === 'string' ? text : '';
}

/** The strings and numbers among `values`, as codes. */
export function codes(...values: readonly unknown[]): readonly string[] {
  return values.flatMap((value) =>
    typeof value === 'string' && value !== '' ? [value] : typeof value === 'number' ? [String(value)] : [],
  );
}
