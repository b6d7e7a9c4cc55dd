import { pino, type Logger as PinoLogger } from 'pino';
import { PinoPretty as pretty } from 'pino-pretty';
import type { Logger } from '../contracts/runtime.js';
import { redactedFields } from './redacted.js';

export interface LoggerOptions {
  readonly level: string;
  readonly format: 'pretty' | 'json';
  /** Write to standard error, when standard output is used for a conversation. */
  readonly toStandardError?: boolean;
}

export function createLogger({ level, format, toStandardError = false }: LoggerOptions): Logger {
  const destination = toStandardError ? 2 : 1;
  const options = {
    level,
    base: null,
    formatters: { log: redactedFields },
    errorKey: 'error',
    // Else an error is described once more, by the library.
    serializers: { error: (described: unknown) => described },
  };
  // Pretty-prints in this thread: a worker would cost more memory than the rest of the logging.
  return discreet(
    format === 'json'
      ? pino(options, pino.destination(destination))
      : pino(options, pretty({ destination, sync: true, translateTime: 'SYS:HH:MM:ss', singleLine: true })),
  );
}

/** Children keep their bindings as text, which no formatter sees again. */
function discreet(logger: PinoLogger): Logger {
  return {
    debug: (facts, sentence) => logger.debug(facts, sentence),
    info: (facts, sentence) => logger.info(facts, sentence),
    warn: (facts, sentence) => logger.warn(facts, sentence),
    error: (facts, sentence) => logger.error(facts, sentence),
    child: (bindings) => discreet(logger.child(redactedFields(bindings))),
  };
}
