import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { abortReason } from './clock.js';
import { processUsage } from './process-usage.js';
import { compiledEntry, projectRoot } from './project-root.js';

/** Between two looks at what the child uses; at this pace it cannot grow far past its limit. */
const WATCH_EVERY_MS = 50;
const PACKAGES = `${sep}node_modules`;
/** Node renamed its permission flag when it became stable. */
const PERMISSION_FLAG = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

/** What a child may use before it is ended. */
export interface ChildLimits {
  /** Processor time, in ms. */
  readonly cpuMs: number;
  /** Time on the clock, in ms: longer than `cpuMs`, because a busy machine is not the work's fault. */
  readonly wallMs: number;
  readonly residentBytes: number;
  readonly heapMegabytes: number;
}

/** Why a child gave no answer; `died` is any other reason. */
export type ChildFailure = 'too-long' | 'too-much-memory' | 'died';

export interface ChildWork<Answer> {
  /** Compiled file, e.g. `src/knowledge/parse/child.js`. */
  readonly entry: string;
  readonly limits: ChildLimits;
  /** Sent one after the other, each when the one before has left. */
  readonly messages: Iterable<unknown> | AsyncIterable<unknown>;
  /** The answer, once a message holds it; anything else the child says is for the caller's side effects. */
  onMessage(message: unknown): { readonly answer: Answer } | undefined;
  /** Threads of its own; what they may do is not limited by the flags, so only for our own code. */
  readonly threads?: boolean;
  /** Files that it may read besides the program. */
  readonly reads?: readonly string[];
  /** Native parts, which can do anything: only for code that needs them. */
  readonly addons?: boolean;
}

/** A child that ended without an answer. */
export class ChildError extends Error {
  override readonly name = 'ChildError';
  constructor(
    readonly kind: ChildFailure,
    options: { readonly cause?: unknown } = {},
  ) {
    super(`the child process ended: ${kind}`, options);
  }
}

/**
 * Has one piece of work done in a process of its own and ends it. A process per piece, because what
 * one business sends must not be able to leave anything behind for the next.
 * @throws ChildError; what `onMessage` or `messages` throws; the reason of `signal` when it aborts
 */
export async function runLimitedChild<Answer>(
  work: ChildWork<Answer>,
  signal?: AbortSignal,
): Promise<Answer> {
  signal?.throwIfAborted();
  const child = startChild(work);
  const onAbort = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', onAbort, { once: true });
  const watching = watch(child, work.limits);
  try {
    const answer = answerOf(child, work);
    // The answer is awaited below; a child that dies while it is fed must not go unnoticed.
    answer.catch(() => undefined);
    await feed(child, work.messages, answer);
    return await answer;
  } catch (error) {
    if (signal?.aborted) throw abortReason(signal);
    throw watching.violation ?? error;
  } finally {
    watching.stop();
    signal?.removeEventListener('abort', onAbort);
    child.kill('SIGKILL');
  }
}

/** No environment, no processes, no writing, and of the disk only the program to read. */
function startChild({
  entry,
  limits,
  addons = false,
  threads = false,
  reads = [],
}: ChildWork<unknown>): ChildProcess {
  return fork(fileURLToPath(compiledEntry(entry)), [], {
    env: {},
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [
      `--max-old-space-size=${limits.heapMegabytes}`,
      addons ? '--allow-addons' : '--no-addons',
      '--disable-proto=delete',
      PERMISSION_FLAG,
      ...(threads ? ['--allow-worker'] : []),
      ...[...readable(), ...reads].map((path) => `--allow-fs-read=${path}`),
    ],
  });
}

/** The program and its packages; not the whole project, for the service's keys may lie in a folder of it. */
function readable(): readonly string[] {
  // Node aborts when a path is given twice, or with and without a star.
  return [
    ...new Set([
      `${projectRoot}/dist/*`,
      `${projectRoot}/package.json`,
      `${projectRoot}/node_modules/*`,
      `${packagesFolder()}/*`,
    ]),
  ];
}

/** Packages may be installed outside of the project, or be linked to from there. */
function packagesFolder(): string {
  const [before = ''] = createRequire(import.meta.url)
    .resolve('zod')
    .split(PACKAGES);
  return before + PACKAGES;
}

async function feed(
  child: ChildProcess,
  messages: ChildWork<unknown>['messages'],
  answer: Promise<unknown>,
): Promise<void> {
  for await (const message of messages) {
    const delivery = new Promise<void>((resolve) => {
      child.send(message as object, (error) => {
        // The exit tells more than the broken pipe that comes with it.
        if (error && child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
        resolve();
      });
    });
    // A child that has answered, or is gone, takes nothing more.
    const isOver = await Promise.race([delivery.then(() => false), answer.then(() => true)]);
    if (isOver) return;
  }
}

function answerOf<Answer>(child: ChildProcess, { onMessage }: ChildWork<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: unknown) => {
      try {
        const result = onMessage(message);
        if (result !== undefined) resolve(result.answer);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    child.once('error', (cause) => reject(new ChildError('died', { cause })));
    child.once('exit', (code, killedBy) => {
      const end = (): void => reject(new ChildError(endedEarly(code, killedBy)));
      // What it said last may still be on its way.
      if (child.connected) child.once('disconnect', end);
      else end();
    });
  });
}

/** V8 aborts when its heap is full; a kill from outside is the system's own lack of memory. */
function endedEarly(code: number | null, killedBy: NodeJS.Signals | null): ChildFailure {
  const outOfMemory = killedBy === 'SIGABRT' || killedBy === 'SIGKILL' || code === 134;
  return outOfMemory ? 'too-much-memory' : 'died';
}

/** Kills the child when it uses too much and remembers why. */
function watch(
  child: ChildProcess,
  limits: ChildLimits,
): { violation: ChildError | undefined; stop(): void } {
  const startedAt = performance.now();
  const state = {
    violation: undefined as ChildError | undefined,
    stop: () => clearInterval(timer),
  };
  const look = async (): Promise<void> => {
    const usage = child.pid === undefined ? undefined : await processUsage(child.pid);
    const reason = violated(usage, performance.now() - startedAt, limits);
    if (reason === undefined) return;
    state.violation ??= new ChildError(reason);
    child.kill('SIGKILL');
  };
  const timer = setInterval(() => void look(), WATCH_EVERY_MS);
  return state;
}

function violated(
  usage: Awaited<ReturnType<typeof processUsage>>,
  wallMs: number,
  limits: ChildLimits,
): ChildFailure | undefined {
  if (wallMs > limits.wallMs || (usage && usage.cpuMs > limits.cpuMs)) return 'too-long';
  if (usage && usage.residentBytes > limits.residentBytes) return 'too-much-memory';
  return undefined;
}
