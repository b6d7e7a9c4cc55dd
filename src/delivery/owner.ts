import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Clock ticks after boot at which a process started: tells it from a later one with its pid. */
function startTicks(pid: number): string | undefined {
  return statOf(pid)?.[19];
}

/** Killed, but its parent has not asked for its exit code yet. */
function isZombie(pid: number): boolean {
  const state = statOf(pid)?.[0];
  return state === 'Z' || state === 'X';
}

/** The fields of `/proc/<pid>/stat` from the third on; `undefined` where there is no such file. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold spaces and brackets; fields are counted after its last bracket.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Name of this process among all that may hold lanes. */
export function ownerOfThisProcess(unique: string): string {
  return [hostname(), process.pid, startTicks(process.pid) ?? '-', unique].join('|');
}

/** Whether `owner` is a process of this host that has certainly ended. */
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
