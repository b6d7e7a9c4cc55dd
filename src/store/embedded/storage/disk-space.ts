import { statfsSync } from 'node:fs';

/** Bytes this user can still write to the disk of a folder; infinite if the system does not say. */
export function freeDiskBytes(path: string): number {
  try {
    const { bavail, blocks, bsize } = statfsSync(path);
    return blocks > 0 ? bavail * bsize : Infinity;
  } catch {
    // Some file systems do not provide this; then the disk itself refuses writes when it is full.
    return Infinity;
  }
}
