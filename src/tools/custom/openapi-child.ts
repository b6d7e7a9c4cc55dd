// A process that parses one service description and exits, because parsing YAML can take unlimited time and
// memory.
import { parse } from 'yaml';

export interface OpenApiReply {
  /** Absent if the description cannot be parsed. */
  readonly document?: unknown;
}

function read(text: string): OpenApiReply {
  try {
    return { document: parse(text, { maxAliasCount: 100, logLevel: 'silent' }) as unknown };
  } catch {
    return {};
  }
}

// Only the parent can send messages.
process.once('message', (text: string) => {
  process.send?.(read(text), () => process.exit(0));
});
// Without a parent there is nobody to answer.
process.once('disconnect', () => process.exit(1));
