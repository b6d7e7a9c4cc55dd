import { pino } from 'pino';
import { PinoPretty as pretty } from 'pino-pretty';
import type { Logger } from '../contracts/runtime.js';

/** Fields that may contain sensitive data; redacted at the top level and up to two levels below. */
const SECRET_FIELDS = [
  'token',
  'apiKey',
  'api_key',
  'key',
  'password',
  'secret',
  'authorization',
  'config',
  'text',
  'input',
  'argumentText',
];

export interface LoggerOptions {
  readonly level: string;
  readonly format: 'pretty' | 'json';
  /** Write to standard error, when standard output is used for a conversation. */
  readonly toStandardError?: boolean;
}

export function createLogger({ level, format, toStandardError = false }: LoggerOptions): Logger {
  const destination = toStandardError ? 2 : 1;
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  const options = {
    level,
    base: null,
    redact: { paths, censor: '[redacted]' },
    serializers: { error: describeError },
    errorKey: 'error',
  };
  // Pretty-prints in this thread: a worker would cost more memory than the rest of the logging.
  return format === 'json'
    ? pino(options, pino.destination(destination))
    : pino(options, pretty({ destination, sync: true, translateTime: 'SYS:HH:MM:ss', singleLine: true }));
}

/** The parts of an error an operator needs. The messages of our own error types contain no secrets. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack } = error;
  const kind = 'kind' in error ? { kind: error.kind } : {};
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  return { name, message, ...kind, ...cause, stack };
}
