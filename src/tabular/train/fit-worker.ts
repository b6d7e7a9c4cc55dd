// A thread that does one fit after another: see fit-threads.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { fit, type FitData } from './fit-task.js';
import type { TaskMessage, WorkerMessage } from './fit-threads.js';

/** Shortest interval between progress messages, in ms. */
const SHARE_EVERY_MS = 100;

const say = (message: WorkerMessage): void => parentPort?.postMessage(message);

parentPort?.on('message', ({ index, task }: TaskMessage) => {
  let toldAt = 0;
  const onShare = (share: number): void => {
    const now = performance.now();
    if (now - toldAt < SHARE_EVERY_MS) return;
    toldAt = now;
    say({ type: 'share', index, share });
  };
  // The parent thread passes nothing else as `workerData`.
  say({ type: 'done', index, result: fit(workerData as FitData, task, onShare) });
});
