import { parentPort, workerData } from 'node:worker_threads';
import { Engine } from './server/engine.js';
import { listen } from './server/listen.js';

/** What the thread is started with. */
export interface WorkerInput {
  /** Folder of the lmdb environment. */
  readonly path: string;
  readonly socketPath: string;
}

export type WorkerMessage = { readonly type: 'listening' } | { readonly type: 'closed' };

const port = parentPort;
if (!port) throw new Error('the embedded store runs in a worker thread');

const { path, socketPath } = workerData as WorkerInput;
const engine = new Engine({ path, address: socketPath, now: () => new Date(), onBroken });
const listener = await listen(engine, socketPath);
port.postMessage({ type: 'listening' } satisfies WorkerMessage);

port.once('message', () => {
  void close();
});

/** Ends the thread with the reason; the process then opens the files in a new one. */
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
