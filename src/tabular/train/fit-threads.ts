import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { compiledEntry } from '../../lib/project-root.js';
import { fit, type Fit, type FitData, type FitTask } from './fit-task.js';

/** More would take processor time from people who are chatting. */
const MOST_THREADS = 4;
/** Fewest cells, over all fits together, for which threads are worthwhile. */
const FEWEST_CELLS = 300_000;

/**
 * Rows of the tables of all threads together. Each thread keeps some 40 bytes per row, and the whole training has
 * to stay within its memory.
 */
const MOST_ROWS_AT_ONCE = 2_000_000;

/** From the main thread to a worker: the next task. */
export interface TaskMessage {
  readonly index: number;
  readonly task: FitTask;
}

export type WorkerMessage =
  | { readonly type: 'share'; readonly index: number; readonly share: number }
  | { readonly type: 'done'; readonly index: number; readonly result: Fit<FitTask> };

export interface FitOptions {
  /**
   * By default up to 4, depending on the processors and the amount of work; with 1, this thread does
   * everything.
   */
  readonly threads?: number;
  /** Reports the share of all tasks that is done, 0..1. */
  onShare(share: number): void;
}

/** Does all tasks, on several threads if there is enough work; the results are in the order of the tasks. */
export async function fitAll<Task extends FitTask>(
  data: FitData,
  tasks: readonly Task[],
  { threads = threadsFor(data, tasks), onShare }: FitOptions,
): Promise<Fit<Task>[]> {
  const shares = new Float64Array(tasks.length);
  const onTaskShare = (index: number, share: number): void => {
    shares[index] = share;
    onShare(shares.reduce((sum, each) => sum + each, 0) / tasks.length);
  };
  if (threads <= 1 || tasks.length <= 1) {
    return tasks.map((task, index) => fit(data, task, (share) => onTaskShare(index, share)));
  }
  const results = new Array<Fit<Task>>(tasks.length);
  // Each thread takes the next task when it has finished one.
  const waiting = tasks.entries();
  const work = Array.from({ length: Math.min(threads, tasks.length) }, () =>
    workThrough(data, waiting, {
      onShare: onTaskShare,
      onResult(index, result) {
        // A worker returns the result type of its task.
        results[index] = result as Fit<Task>;
        onTaskShare(index, 1);
      },
    }),
  );
  await Promise.all(work);
  return results;
}

function threadsFor({ goal, trees, linear }: FitData, tasks: readonly FitTask[]): number {
  const width = (trees?.table.features.length ?? 0) + (linear === undefined ? 0 : perRow(linear.design));
  const rows = tasks.reduce((sum, task) => sum + task.rows.length, 0);
  const cells = rows * width * (goal.classes ?? 1);
  if (cells < FEWEST_CELLS) return 1;
  const affordable = Math.max(1, Math.floor(MOST_ROWS_AT_ONCE / goal.target.length));
  return Math.min(MOST_THREADS, availableParallelism(), affordable);
}

function perRow({ rows, values }: { readonly rows: number; readonly values: Float32Array }): number {
  return values.length / Math.max(1, rows);
}

/** Runs one worker, which takes task after task until none is waiting. */
function workThrough(
  data: FitData,
  waiting: Iterator<[number, FitTask]>,
  {
    onShare,
    onResult,
  }: {
    onShare(index: number, share: number): void;
    onResult(index: number, result: Fit<FitTask>): void;
  },
): Promise<void> {
  const worker = new Worker(compiledEntry('src/tabular/train/fit-worker.js'), { workerData: data });
  const next = (): void => {
    const entry = waiting.next();
    if (entry.done === true) void worker.terminate();
    else worker.postMessage({ index: entry.value[0], task: entry.value[1] } satisfies TaskMessage);
  };
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
    worker.on('message', (message: WorkerMessage) => {
      if (message.type === 'share') {
        onShare(message.index, message.share);
        return;
      }
      onResult(message.index, message.result);
      next();
    });
    next();
  });
}
