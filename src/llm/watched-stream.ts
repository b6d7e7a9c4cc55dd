import {
  ModelError,
  type LanguageModel,
  type ModelRequest,
  type ModelStreamPart,
} from '../contracts/model.js';
import type { Clock } from '../contracts/runtime.js';
import { OVER } from '../lib/time/clock.js';
import { aborted, malformed } from './model-failure.js';

export interface WatchLimits {
  /** Longest wait for the next part, in ms. Any part counts as a sign of life, even an empty text delta. */
  readonly idleMs: number;
  /** Longest wait for the first text, in total, in ms. */
  readonly silentMs: number;
  /** Limit for the whole attempt, in ms. */
  readonly totalMs: number;
}

interface WatchDependencies {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called for every part, including those that are not passed on. */
  readonly onPart: (part: ModelStreamPart) => void;
}

/**
 * Runs one attempt of one model and enforces the contract whatever the model does: it ends within the limits,
 * with exactly one `finish` or a `ModelError`; tool calls come only with their finish; an abort ends it at
 * once and closes the underlying stream. Empty deltas are not passed on.
 */
export async function* watchedStream(
  model: LanguageModel,
  request: ModelRequest,
  limits: WatchLimits,
  { clock, signal, onPart }: WatchDependencies,
): AsyncGenerator<ModelStreamPart> {
  const watch = new Watch(model.provider, limits, clock, signal);
  const calls: ModelStreamPart[] = [];
  let isFinished = false;
  let iterator: AsyncIterator<ModelStreamPart> | undefined;
  try {
    iterator = model.stream(request, watch.signal)[Symbol.asyncIterator]();
    for (;;) {
      const next = await watch.next(iterator);
      if (next.done === true) throw malformed(model.provider, 'the stream ended before it was finished');
      const part = next.value;
      onPart(part);
      if (part.type === 'finish') {
        isFinished = true;
        yield* calls;
        yield part;
        return;
      }
      if (part.type === 'tool-call') calls.push(part);
      else if (part.type !== 'text-delta') yield part;
      else if (part.text !== '') {
        watch.heardText();
        yield part;
      }
    }
  } finally {
    watch.stop();
    // A finished stream closes its connection by itself; aborting it as well would cost more than reading it.
    if (!isFinished) watch.abort();
    iterator?.return?.().catch(() => undefined);
  }
}

/** The timer of one attempt: one wait at a time, idle time counting only while somebody waits for a part. */
class Watch {
  private readonly connection = new AbortController();
  private readonly timer = new AbortController();
  private readonly startedAt: number;
  private readonly ended: Promise<never>;
  private waitingSince: number | undefined;
  private silent = true;
  private readonly onAbort = (): void => this.end(aborted(this.provider));
  private end: (error: ModelError) => void = () => undefined;

  constructor(
    private readonly provider: string,
    private readonly limits: WatchLimits,
    private readonly clock: Clock,
    private readonly outer: AbortSignal,
  ) {
    this.startedAt = clock.monotonicMs();
    this.ended = new Promise((_resolve, reject) => {
      this.end = (error) => {
        reject(error);
        this.connection.abort(error);
      };
    });
    this.ended.catch(() => undefined);
    if (outer.aborted) this.onAbort();
    outer.addEventListener('abort', this.onAbort, { once: true });
    void this.run();
  }

  /** Aborts when the caller aborts, a limit is reached or the attempt is over before the model has finished. */
  get signal(): AbortSignal {
    return this.connection.signal;
  }

  heardText(): void {
    this.silent = false;
  }

  async next(iterator: AsyncIterator<ModelStreamPart>): Promise<IteratorResult<ModelStreamPart>> {
    this.waitingSince = this.clock.monotonicMs();
    const next = iterator.next();
    // Its rejection would be unhandled if the watch ends first.
    next.catch(() => undefined);
    try {
      return await Promise.race([this.ended, next]);
    } finally {
      this.waitingSince = undefined;
    }
  }

  stop(): void {
    this.outer.removeEventListener('abort', this.onAbort);
    this.timer.abort(OVER);
  }

  abort(): void {
    this.connection.abort(OVER);
  }

  private async run(): Promise<void> {
    const { idleMs, silentMs, totalMs } = this.limits;
    for (;;) {
      const now = this.clock.monotonicMs();
      const idleLeft = this.waitingSince === undefined ? idleMs : this.waitingSince + idleMs - now;
      const silentLeft = this.silent ? this.startedAt + silentMs - now : Infinity;
      const msLeft = Math.min(idleLeft, silentLeft, this.startedAt + totalMs - now);
      if (msLeft <= 0) {
        this.end(new ModelError('stalled', this.provider, `${this.provider}: nothing came for too long`));
        return;
      }
      try {
        await this.clock.sleep(msLeft, this.timer.signal);
      } catch {
        // The attempt is over.
        return;
      }
    }
  }
}
