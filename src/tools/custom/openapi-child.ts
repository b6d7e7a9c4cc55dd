// A process that reads one description of a service and ends: YAML can take any time and memory.
import { parse } from 'yaml';

export interface OpenApiReply {
  /** Absent where it cannot be read. */
  readonly document?: unknown;
}

function read(text: string): OpenApiReply {
  try {
    return { document: parse(text, { maxAliasCount: 100, logLevel: 'silent' }) as unknown };
  } catch {
    return {};
  }
}

// The parent is the only one who can send.
process.once('message', (text: string) => {
  process.send?.(read(text), () => process.exit(0));
});
// An orphan has nobody to answer.
process.once('disconnect', () => process.exit(1));
