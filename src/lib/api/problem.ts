import { STATUS_CODES } from 'node:http';

/** One invalid field. `path` is dotted, e.g. `messages.0.content`; empty for the whole body. */
export interface FieldError {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error response. `detail` is for the client: it contains no path, stack or provider text. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  constructor(
    readonly status: number,
    /** Stable snake case; clients compare it. */
    readonly code: string,
    readonly detail: string,
    readonly options: ProblemOptions = {},
  ) {
    super(detail, { cause: options.cause });
  }
}

/** The body of RFC 9457 (`application/problem+json`). */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly request_id: string;
  readonly errors?: readonly FieldError[];
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export function problemBody(problem: HttpProblem, requestId: string): ProblemBody {
  const { errors } = problem.options;
  return {
    type: `urn:sapa:problem:${problem.code}`,
    title: STATUS_CODES[problem.status] ?? 'Error',
    status: problem.status,
    detail: problem.detail,
    code: problem.code,
    request_id: requestId,
    ...(errors === undefined ? {} : { errors }),
  };
}

/** The same answer for something that never existed and for something of another tenant. */
export function notFound(): HttpProblem {
  return new HttpProblem(404, 'not_found', 'There is no such thing here.');
}

/** The value, if there is one. Throws `notFound()` otherwise. */
export function orNotFound<Value>(value: Value | undefined): Value {
  if (value === undefined) throw notFound();
  return value;
}

export function invalidRequest(detail: string, errors: readonly FieldError[] = []): HttpProblem {
  return new HttpProblem(400, 'invalid_request', detail, { errors });
}

/** `Retry-After` in whole seconds, at least one. */
export function retryAfter(ms: number): Record<string, string> {
  return { 'Retry-After': String(Math.max(1, Math.ceil(ms / 1000))) };
}
