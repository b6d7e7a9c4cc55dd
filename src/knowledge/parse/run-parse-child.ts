import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KnowledgeError } from '../../contracts/knowledge.js';
import { abortReason } from '../../lib/clock.js';
import { compiledEntry, projectRoot } from '../../lib/project-root.js';
import { errorOfReply } from './child-message.js';
import type { ParseReply, ParseRequest } from './child-message.js';
import type { ParsedDocument } from './parsed-document.js';
import type { ParseLimits } from './parse-limits.js';
import { processUsage } from './process-usage.js';

/** Between two looks at what the child uses; at this pace it cannot grow far past its limit. */
const WATCH_EVERY_MS = 50;
const PACKAGES = `${sep}node_modules`;
/** Node renamed its permission flag when it became stable. */
const PERMISSION_FLAG = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

/**
 * Reads one file in a process of its own and ends it. A process per file, because what one
 * business uploads must not be able to leave anything behind for the next.
 * @throws KnowledgeError; the reason of `signal` when it aborts
 */
export async function runParseChild(request: ParseRequest, signal?: AbortSignal): Promise<ParsedDocument> {
  const child = startChild(request.limits);
  const onAbort = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', onAbort, { once: true });
  const stopWatch = watch(child, request.limits);
  try {
    const reply = await replyOf(child, request);
    signal?.throwIfAborted();
    if (reply.type === 'failed') throw errorOfReply(reply);
    return reply.document;
  } catch (error) {
    if (signal?.aborted) throw abortReason(signal);
    throw stopWatch.violation ?? error;
  } finally {
    stopWatch.stop();
    signal?.removeEventListener('abort', onAbort);
    child.kill('SIGKILL');
  }
}

/** No environment, no addons, no processes, no writing, and of the disk only the program to read. */
function startChild(limits: ParseLimits): ChildProcess {
  return fork(fileURLToPath(compiledEntry('src/knowledge/parse/child.js')), [], {
    env: {},
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [
      `--max-old-space-size=${limits.heapMegabytes}`,
      '--no-addons',
      '--disable-proto=delete',
      PERMISSION_FLAG,
      `--allow-fs-read=${projectRoot}/*`,
      `--allow-fs-read=${packagesFolder()}/*`,
    ],
  });
}

/** Packages may be installed outside of the project, or be linked to from there. */
function packagesFolder(): string {
  const [before = ''] = createRequire(import.meta.url)
    .resolve('zod')
    .split(PACKAGES);
  return before + PACKAGES;
}

function replyOf(child: ChildProcess, request: ParseRequest): Promise<ParseReply> {
  return new Promise((resolve, reject) => {
    child.once('message', (reply: ParseReply) => resolve(reply));
    child.once('error', (cause) =>
      reject(new KnowledgeError('unreadable', 'The file could not be read.', { cause })),
    );
    child.once('exit', (code, killedBy) => reject(endedEarly(code, killedBy)));
    child.send(request, (error) => {
      // The exit tells more than the broken pipe that comes with it.
      if (error && child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    });
  });
}

/** V8 aborts when its heap is full; a kill from outside is the system's own lack of memory. */
function endedEarly(code: number | null, killedBy: NodeJS.Signals | null): KnowledgeError {
  const outOfMemory = killedBy === 'SIGABRT' || killedBy === 'SIGKILL' || code === 134;
  return outOfMemory
    ? new KnowledgeError('too-large', 'Reading the file takes too much memory.')
    : new KnowledgeError('unreadable', 'The file is damaged and cannot be read.');
}

/** Kills the child when it uses too much and remembers why. */
function watch(
  child: ChildProcess,
  limits: ParseLimits,
): { violation: KnowledgeError | undefined; stop(): void } {
  const startedAt = performance.now();
  const state = {
    violation: undefined as KnowledgeError | undefined,
    stop: () => clearInterval(timer),
  };
  const look = async (): Promise<void> => {
    const usage = child.pid === undefined ? undefined : await processUsage(child.pid);
    const reason = violated(usage, performance.now() - startedAt, limits);
    if (reason === undefined) return;
    state.violation ??= new KnowledgeError('too-large', reason);
    child.kill('SIGKILL');
  };
  const timer = setInterval(() => void look(), WATCH_EVERY_MS);
  return state;
}

function violated(
  usage: Awaited<ReturnType<typeof processUsage>>,
  wallMs: number,
  limits: ParseLimits,
): string | undefined {
  if (wallMs > limits.wallMs || (usage && usage.cpuMs > limits.cpuMs)) {
    return 'Reading the file takes too long.';
  }
  if (usage && usage.residentBytes > limits.residentBytes) return 'Reading the file takes too much memory.';
  return undefined;
}
