import type { Logger } from '../../src/contracts/runtime.js';

/** Records every line, prefixed with its level. */
export function recordingLogger(lines: string[]): Logger {
  const log =
    (level: string) =>
    (facts: Record<string, unknown>, sentence: string): void => {
      lines.push(`${level}: ${sentence} ${JSON.stringify(facts)}`);
    };
  const [debug, info, warn, error] = [log('debug'), log('info'), log('warn'), log('error')];
  const logger: Logger = { debug, info, warn, error, child: () => logger };
  return logger;
}
