import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { abortReason } from '../time/clock.js';
import { processUsage } from './process-usage.js';
import { compiledEntry, projectRoot } from '../project-root.js';

/** Interval between checks of the child's usage, short enough that it cannot grow far past its limit. */
const WATCH_EVERY_MS = 50;
const PACKAGES = `${sep}node_modules`;
/** Node renamed the permission flag when it became stable. */
const PERMISSION_FLAG = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

/** Limits after which a child is killed. */
export interface ChildLimits {
  /** Processor time, in ms. */
  readonly cpuMs: number;
  /** Wall-clock time, in ms; longer than `cpuMs`, because a busy machine is not the child's fault. */
  readonly wallMs: number;
  readonly residentBytes: number;
  readonly heapMegabytes: number;
}

/**
 * Why a child gave no answer: `killed` by somebody else, often by a system that is out of memory; `died` covers
 * all other reasons.
 */
export type ChildFailure = 'too-long' | 'too-much-memory' | 'killed' | 'died';

export interface ChildWork<Answer> {
  /** Compiled file, e.g. `src/knowledge/parse/child.js`. */
  readonly entry: string;
  readonly limits: ChildLimits;
  /** Sent one at a time, each after the previous one was sent. */
  readonly messages: Iterable<unknown> | AsyncIterable<unknown>;
  /** Returns the answer once a message contains it; other messages are for the caller's side effects. */
  onMessage(message: unknown): { readonly answer: Answer } | undefined;
  /** Allows worker threads. The flags do not restrict what they do, so use it only for our own code. */
  readonly threads?: boolean;
  /** Files the child may read besides the program. */
  readonly reads?: readonly string[];
  /** Allows native add-ons, which can do anything: only for code that needs them. */
  readonly addons?: boolean;
}

/** A child ended without an answer. */
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
 * Runs one piece of work in a separate process, which then ends. One process per piece, so that nothing a
 * business sends can leave anything behind for the next.
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
    // The answer is awaited below; a child that dies while being fed must not go unnoticed.
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

/** No environment, no child processes, no writing, and read access only to the program. */
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

/**
 * The program and its packages rather than the whole project, because a subfolder may hold the service's
 * keys.
 */
function readable(): readonly string[] {
  // Node aborts if a path is given twice, or both with and without a star.
  return [
    ...new Set([
      `${projectRoot}/dist/*`,
      `${projectRoot}/package.json`,
      `${projectRoot}/node_modules/*`,
      `${packagesFolder()}/*`,
    ]),
  ];
}

/** Packages may be installed outside the project or linked from there. */
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
        // The exit code says more than the broken pipe that accompanies it.
        if (error && child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
        resolve();
      });
    });
    // A child that has answered or exited accepts nothing more.
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
      // Its last message may still be in transit.
      if (child.connected) child.once('disconnect', end);
      else end();
    });
  });
}

/** V8 aborts when its heap is full. */
function endedEarly(code: number | null, killedBy: NodeJS.Signals | null): ChildFailure {
  if (killedBy === 'SIGABRT' || code === 134) return 'too-much-memory';
  return killedBy === 'SIGKILL' ? 'killed' : 'died';
}

/** Kills the child when it exceeds a limit, and remembers why. */
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
