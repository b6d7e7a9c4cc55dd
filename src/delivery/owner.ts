import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Start time of a process in clock ticks since boot, which distinguishes it from a later one with the same
 * pid.
 */
function startTicks(pid: number): string | undefined {
  return statOf(pid)?.[19];
}

/** The process was killed, but its parent has not reaped it yet. */
function isZombie(pid: number): boolean {
  const state = statOf(pid)?.[0];
  return state === 'Z' || state === 'X';
}

/** The fields of `/proc/<pid>/stat` from the third on; `undefined` if there is no such file. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may contain spaces and parentheses; fields are counted after its last parenthesis.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Identifies this process among all that can hold lanes. */
export function ownerOfThisProcess(unique: string): string {
  return [hostname(), process.pid, startTicks(process.pid) ?? '-', unique].join('|');
}

/** Whether `owner` is a process of this host that has certainly died. */
export function isDeadNeighbour(owner: string): boolean {
  const [host, pidText, ticks] = owner.split('|');
  if (host !== hostname() || pidText === undefined) return false;
  const pid = Number(pidText);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  if (isZombie(pid)) return true;
  const now = startTicks(pid);
  if (now !== undefined) return ticks !== '-' && now !== ticks;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
