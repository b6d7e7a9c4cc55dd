import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compiledEntry } from '../../../src/lib/project-root.js';

/** A cold start creates the sample business, which takes a while on a busy machine. */
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;

export interface StartOptions {
  /** Kept when the process ends. Default: a new temporary folder. */
  readonly dataDir?: string;
  /** Overrides the tests' default settings; nothing else of the current environment is passed on. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The real service in its own process, tested only from outside. */
export interface RunningSapa {
  /** `http://127.0.0.1:<port>`, without a trailing slash. */
  readonly url: string;
  /** The global admin key, read the way an operator finds it. */
  readonly adminKey: string;
  readonly dataDir: string;
  readonly pid: number;
  /** Everything written to standard output and standard error so far. */
  output(): string;
  /** Stops it as Ctrl-C or a deployment does; returns its exit code and the time taken, in ms. */
  stop(): Promise<{ readonly code: number | null; readonly tookMs: number }>;
  /** Kills it as a power failure would (SIGKILL). */
  kill(): Promise<void>;
  /** Resolves with the exit code once the process ends by itself; `null` after a signal. */
  exited(): Promise<number | null>;
}

/** The result of a process that is expected to end. */
export interface EndedProcess {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A new empty folder; `removeDataDir` deletes it. */
export async function temporaryDataDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'sapa-e2e-'));
}

export async function removeDataDir(dataDir: string): Promise<void> {
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** Starts `node dist/src/main.js`; resolves once it prints the address it listens on. */
export async function startSapa(options: StartOptions = {}): Promise<RunningSapa> {
  const dataDir = options.dataDir ?? (await temporaryDataDir());
  const child = spawnEntry('src/main.js', { dataDir, env: options.env ?? {} });
  const output = collect(child);
  const exit = exitOf(child);
  const url = await listening(child, output.both, exit);
  const { pid } = child;
  if (pid === undefined) throw new Error('the process has no id');
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return within(exit, STOP_TIMEOUT_MS, () => `${signal} did not end the service\n${output.both()}`);
  };
  return {
    url,
    adminKey: options.env?.['API_KEY'] ?? (await readFile(join(dataDir, 'admin-key'), 'utf8')).trim(),
    dataDir,
    pid,
    output: output.both,
    async stop() {
      const startedAt = performance.now();
      const code = await end('SIGTERM');
      return { code, tookMs: performance.now() - startedAt };
    },
    async kill() {
      await end('SIGKILL');
    },
    exited: () => exit,
  };
}

/** Runs a compiled entry point until it ends, with `input` on its standard input. */
export async function runEntry(
  entry: string,
  options: {
    readonly dataDir: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly args?: readonly string[];
    readonly input?: string;
  },
): Promise<EndedProcess> {
  const child = spawnEntry(entry, { env: {}, ...options });
  const output = collect(child);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.input ?? '');
  const code = await within(exitOf(child), START_TIMEOUT_MS, () => {
    child.kill('SIGKILL');
    return `${entry} did not end\n${output.both()}`;
  });
  return { code, stdout: output.stdout(), stderr: output.stderr() };
}

function spawnEntry(
  entry: string,
  options: {
    readonly dataDir: string;
    readonly env: Readonly<Record<string, string>>;
    readonly args?: readonly string[];
  },
): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(compiledEntry(entry)), ...(options.args ?? [])], {
    // A folder without .env, so that a developer's own keys never reach a test.
    cwd: options.dataDir,
    env: {
      PATH: process.env['PATH'],
      HOME: options.dataDir,
      DATA_DIR: options.dataDir,
      PORT: '0',
      LOG_FORMAT: 'json',
      // So that a test's scripted model server is not also asked for embeddings.
      EMBEDDING_PROVIDER: 'builtin',
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function collect(child: ChildProcess): Record<'stdout' | 'stderr' | 'both', () => string> {
  const text = { stdout: '', stderr: '', both: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
      text.both += chunk;
    });
  }
  return { stdout: () => text.stdout, stderr: () => text.stderr, both: () => text.both };
}

/** The exit code, once the process has ended and all its output was read. */
async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

async function listening(
  child: ChildProcess,
  output: () => string,
  exit: Promise<number | null>,
): Promise<string> {
  const ready = new Promise<string>((resolve) => {
    child.stdout?.on('data', () => {
      const url = /listening on (http:\/\/\S+)/.exec(output())?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const ended = exit.then((code) => {
    throw new Error(`the service ended with ${code ?? 'a signal'} before it listened\n${output()}`);
  });
  // If it listens first, its later end is not an unhandled rejection.
  ended.catch(() => undefined);
  return within(Promise.race([ready, ended]), START_TIMEOUT_MS, () => {
    child.kill('SIGKILL');
    return `the service did not start\n${output()}`;
  });
}

async function within<T>(promise: Promise<T>, ms: number, whatFailed: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(whatFailed())), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
