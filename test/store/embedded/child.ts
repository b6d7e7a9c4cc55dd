import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { compiledEntry } from '../../../src/lib/project-root.js';
import { fileURLToPath } from 'node:url';

export interface StoreProcess {
  readonly child: ChildProcess;
  /** Resolves with role and address once the store is open. */
  readonly opened: Promise<{ role: string; uri: string }>;
  /** Numbers that the process has acknowledged so far. */
  readonly inserted: Set<number>;
  readonly updated: Set<number>;
  /** Sends a signal; resolves when the process has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
}

interface Line {
  readonly role?: string;
  readonly uri?: string;
  readonly inserted?: number;
  readonly updated?: number;
}

/** Starts a process that opens the store of a folder. */
export function startStoreProcess(dataDir: string, ...task: string[]): StoreProcess {
  const entry = fileURLToPath(compiledEntry('test/store/embedded/store-process.js'));
  const child = spawn(process.execPath, [entry, dataDir, ...task], { stdio: ['ignore', 'pipe', 'inherit'] });
  const inserted = new Set<number>();
  const updated = new Set<number>();
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const opened = new Promise<{ role: string; uri: string }>((resolve, reject) => {
    void exit.then(() => reject(new Error('the process ended before it opened the store')));
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as Line;
      if (line.role !== undefined && line.uri !== undefined) resolve({ role: line.role, uri: line.uri });
      if (line.inserted !== undefined) inserted.add(line.inserted);
      if (line.updated !== undefined) updated.add(line.updated);
    });
  });
  opened.catch(() => undefined);
  return {
    child,
    opened,
    inserted,
    updated,
    async end(signal) {
      child.kill(signal);
      await exit;
    },
  };
}
