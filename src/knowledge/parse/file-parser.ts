import { KnowledgeError } from '../../contracts/knowledge.js';
import { abortReason } from '../../lib/time/clock.js';
import { PARSE_LIMITS } from './parse-limits.js';
import type { ParseLimits } from './parse-limits.js';
import type { ParsedDocument } from './parsed-document.js';
import { runParseChild } from './run-parse-child.js';

/** More children would slow down conversations. */
const MAXIMUM_CHILDREN = 2;

/** Reads files in child processes, which exist only while they read. */
export interface FileParser {
  /**
   * The kind is decided by content; the name only tells text, Markdown, CSV and TSV apart.
   * @throws KnowledgeError; the reason of `signal` if it aborts
   */
  parseFile(bytes: Uint8Array, fileName: string, signal?: AbortSignal): Promise<ParsedDocument>;
}

export function createFileParser(limits: Partial<ParseLimits> = {}): FileParser {
  const all: ParseLimits = { ...PARSE_LIMITS, ...limits };
  const gate = new Gate(MAXIMUM_CHILDREN);
  return {
    async parseFile(bytes, fileName, signal) {
      if (bytes.length === 0) throw new KnowledgeError('no-text', 'The file is empty.');
      if (bytes.length > all.inputBytes) {
        throw new KnowledgeError('too-large', `The file is larger than ${all.inputBytes} bytes.`);
      }
      await gate.enter(signal);
      try {
        return await runParseChild({ bytes, fileName, limits: all }, signal);
      } finally {
        gate.leave();
      }
    },
  };
}

/** Admits a fixed number of callers at a time; the others wait in order of arrival. */
class Gate {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  enter(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(abortReason(signal));
    if (this.free > 0) {
      this.free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const admit = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.waiting.splice(this.waiting.indexOf(admit), 1);
        reject(abortReason(signal));
      };
      this.waiting.push(admit);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.free += 1;
  }
}
