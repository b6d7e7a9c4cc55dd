import { readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 100;
export const MEGABYTE = 1024 * 1024;

/** Peak memory of the child processes of this one during some work, in bytes. */
export class PeakMemory {
  private peak = 0;
  private readonly watch = setInterval(() => {
    this.peak = Math.max(this.peak, childPeak());
  }, LOOK_EVERY_MS);

  /** Ends the watch. */
  stop(): number {
    clearInterval(this.watch);
    return this.peak;
  }
}

/** Peak memory of any child of this process, in bytes; 0 if the system does not report it. */
function childPeak(): number {
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
    const peaks = children.map(
      (pid) => /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1],
    );
    return Math.max(0, ...peaks.map((kilobytes) => Number(kilobytes ?? 0) * 1024));
  } catch {
    return 0;
  }
}
