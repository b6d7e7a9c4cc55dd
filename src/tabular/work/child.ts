// A process that works on one table and ends. Nothing in it has to survive: see run-work.ts.
import { constants, setPriority } from 'node:os';
import { doWork } from './do-work.js';
import { failedMessage, type BytesMessage, type WorkMessage, type WorkRequest } from './messages.js';

/** Shortest interval between progress messages, in ms. */
const PROGRESS_EVERY_MS = 200;

const waiting: (BytesMessage | undefined)[] = [];
let wake: (() => void) | undefined;
/** Settles when the parent has all output so far: no more is read until then, so that it does not pile up. */
let taken = Promise.resolve();

async function* arriving(): AsyncIterable<Uint8Array> {
  for (;;) {
    const message = waiting.shift();
    if (message === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    await taken;
    if (message.type === 'end') return;
    yield message.bytes;
  }
}

function send(message: WorkMessage, then?: () => void): void {
  process.send?.(message, undefined, undefined, () => then?.());
}

async function work(request: WorkRequest): Promise<WorkMessage> {
  let toldAt = 0;
  const onProgress = (stage: string, share: number): void => {
    const now = performance.now();
    if (now - toldAt < PROGRESS_EVERY_MS) return;
    toldAt = now;
    send({ type: 'progress', stage, share });
  };
  const onOutput = (bytes: Uint8Array): void => {
    taken = new Promise((resolve) => {
      send({ type: 'output', bytes }, resolve);
    });
  };
  try {
    return { type: 'done', answer: await doWork(request, arriving(), { onProgress, onOutput }) };
  } catch (error) {
    return failedMessage(error);
  }
}

// The work may use every processor for minutes, so people who are chatting come first.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

// Only the parent can send messages.
process.once('message', (request: WorkRequest) => {
  process.on('message', (message: BytesMessage) => {
    waiting.push(message);
    wake?.();
  });
  void work(request).then((answer) => send(answer, () => process.exit(0)));
});
// Without a parent there is nobody to answer.
process.once('disconnect', () => process.exit(1));
