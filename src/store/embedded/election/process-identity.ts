import { readFileSync, readlinkSync } from 'node:fs';

/** Identifies a process, as distinct from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot; `undefined` on systems without /proc. */
  readonly startTicks: string | undefined;
  readonly bootId: string | undefined;
  /** The namespace of process numbers; those of another container mean nothing here. */
  readonly pidSpace: string | undefined;
}

function attempt(read: () => string): string | undefined {
  try {
    return read().trim();
  } catch {
    // No /proc on this system, or the process is gone.
    return undefined;
  }
}

/** The fields after the command name, which may itself contain spaces and brackets. */
function statOf(pid: number): { state: string; startTicks: string } | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields?.[0], fields?.[19]];
  return state !== undefined && startTicks !== undefined ? { state, startTicks } : undefined;
}

const bootId = (): string | undefined =>
  attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
const pidSpace = (): string | undefined => attempt(() => readlinkSync('/proc/self/ns/pid'));

export const ownIdentity = (): ProcessIdentity => ({
  pid: process.pid,
  startTicks: statOf(process.pid)?.startTicks,
  bootId: bootId(),
  pidSpace: pidSpace(),
});

/**
 * Whether the process is still running. `unknown`: its number belongs to another container, so only an answer
 * on the socket can tell.
 */
export function processState(identity: ProcessIdentity): 'running' | 'gone' | 'unknown' {
  if (identity.bootId !== bootId()) return 'gone';
  if (identity.pidSpace !== pidSpace()) return 'unknown';
  if (identity.startTicks === undefined) return signalState(identity.pid);
  const stat = statOf(identity.pid);
  // Z and X: already dead, but its parent has not collected it yet.
  const isRunning = stat !== undefined && stat.startTicks === identity.startTicks && !/[ZX]/.test(stat.state);
  return isRunning ? 'running' : 'gone';
}

function signalState(pid: number): 'running' | 'gone' {
  try {
    process.kill(pid, 0);
    return 'running';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? 'running' : 'gone';
  }
}
