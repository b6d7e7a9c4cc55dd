import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const START_LIMIT_MS = 60_000;

export interface StartedChild {
  readonly pid: number;
  readonly process: ChildProcess;
  /** The line that matched `ready`. */
  readonly line: string;
  /** Time from the call to that line, in ms. */
  readonly tookMs: number;
  stop(): Promise<void>;
}

/** Starts `node` with these arguments; resolves once a line of its output matches `ready`. */
export async function startNode(
  args: readonly string[],
  ready: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<StartedChild> {
  const started = performance.now();
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const line = await firstLine(child, ready);
  const { pid } = child;
  if (pid === undefined) throw new Error('the process has no id');
  return {
    pid,
    process: child,
    line,
    tookMs: performance.now() - started,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function firstLine(child: ChildProcess, ready: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`not ready in time: ${output}`));
    }, START_LIMIT_MS);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const line = output.split('\n').find((text) => ready.test(text));
      if (line === undefined || !output.includes(`${line}\n`)) return;
      clearTimeout(timer);
      resolve(line);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`ended with ${code} before it was ready: ${output}`));
    });
  });
}

/** Resident memory of a process in bytes, as counted by the kernel. */
export function residentBytes(pid: number): number {
  return statusBytes(pid, 'VmRSS');
}

/** The part of the resident memory that is not file-backed, in bytes. */
export function anonymousBytes(pid: number): number {
  return statusBytes(pid, 'RssAnon');
}

function statusBytes(pid: number, name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]) * 1024;
}
