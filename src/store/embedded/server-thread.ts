import { Worker } from 'node:worker_threads';
import { compiledEntry } from '../../lib/project-root.js';
import type { Logger } from '../../contracts/runtime.js';
import type { WorkerInput, WorkerMessage } from './worker.js';

/** The serving thread; `ended` resolves when it has ended, with the reason if it failed. */
export interface ServerThread {
  readonly ended: Promise<Error | undefined>;
  close(): Promise<void>;
}

/**
 * Space for short-lived objects, in MB. Loading a collection creates much garbage; with Node's default the
 * thread would permanently keep three times this.
 */
const YOUNG_MEGABYTES = 8;

/** Starts the serving thread. Throws if it fails before it listens. */
export async function startServerThread(input: WorkerInput, logger: Logger): Promise<ServerThread> {
  const worker = new Worker(compiledEntry('src/store/embedded/worker.js'), {
    workerData: input,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  });
  let failure: Error | undefined;
  worker.on('error', (error) => {
    failure = error instanceof Error ? error : new Error(String(error));
  });
  const ended = new Promise<Error | undefined>((resolve) => {
    worker.once('exit', () => {
      resolve(failure);
    });
  });
  const listening = new Promise<'listening'>((resolve) => {
    worker.on('message', (message: WorkerMessage) => {
      if (message.type === 'listening') resolve('listening');
      if (message.type === 'report') logger[message.level]({ store: input.path }, message.sentence);
    });
  });
  const first = await Promise.race([listening, ended]);
  if (first !== 'listening') throw first ?? new Error('the embedded store ended before it listened');
  return {
    ended,
    async close() {
      worker.postMessage('close');
      await ended;
    },
  };
}
