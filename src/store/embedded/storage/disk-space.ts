import { statfsSync } from 'node:fs';

/** Bytes this user may still write to the disk of a folder; unlimited where the system does not say. */
export function freeDiskBytes(path: string): number {
  try {
    const { bavail, blocks, bsize } = statfsSync(path);
    return blocks > 0 ? bavail * bsize : Infinity;
  } catch {
    // Some file systems cannot be asked; then the disk itself refuses when it is full.
    return Infinity;
  }
}
