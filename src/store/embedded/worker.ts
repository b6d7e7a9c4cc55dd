import { parentPort, workerData } from 'node:worker_threads';
import { Engine } from './server/engine.js';
import type { BackupOptions } from './server/upkeep.js';
import { listen } from './server/listen.js';

/** The input of the thread. */
export interface WorkerInput {
  /** Folder of the lmdb environment. */
  readonly path: string;
  readonly socketPath: string;
  readonly backups: BackupOptions | undefined;
  /** Memory limit for open collections, in bytes. */
  readonly memoryBytes: number | undefined;
  readonly hasTestCommands: boolean | undefined;
}

export type WorkerMessage =
  | { readonly type: 'listening' }
  | { readonly type: 'closed' }
  /** Something is damaged or was done automatically: a sentence for the log. */
  | { readonly type: 'report'; readonly level: 'info' | 'error'; readonly sentence: string };

const port = parentPort;
if (!port) throw new Error('the embedded store runs in a worker thread');

const { path, socketPath, backups, memoryBytes, hasTestCommands } = workerData as WorkerInput;
const engine = await Engine.open({
  path,
  address: socketPath,
  now: () => new Date(),
  backups,
  memoryBytes,
  hasTestCommands,
  onBroken,
  report,
});
const listener = await listen(engine, socketPath);
port.postMessage({ type: 'listening' } satisfies WorkerMessage);

port.once('message', () => {
  void close();
});

function report(level: 'info' | 'error', sentence: string): void {
  port?.postMessage({ type: 'report', level, sentence } satisfies WorkerMessage);
}

/** Ends the thread with the reason; the process then reopens the files in a new one. */
function onBroken(reason: Error): void {
  setImmediate(() => {
    throw reason;
  });
}

async function close(): Promise<void> {
  listener.stop();
  await engine.close();
  await listener.end();
  port?.postMessage({ type: 'closed' } satisfies WorkerMessage);
  port?.close();
}
