import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DamagedStoreError, examine, Names } from './examine.js';
import { dataFile, finishExchange, mark, repairedFolder, restoredFolder, syncFile } from './folder.js';
import { FORMAT_KEY, refuseNewer } from './format.js';
import { openEnvironment } from './open-environment.js';
import { isDerived } from './kinds.js';
import { salvage } from './salvage.js';
import type { Write } from './environment.js';

/** The result of repairing a damaged store. */
export interface RepairReport {
  /** Number of records saved: documents and the descriptions of their collections. */
  readonly saved: number;
  /** What could not be saved, as sentences. */
  readonly lost: readonly string[];
  /** Where the damaged store is now, unchanged. */
  readonly backup: string;
}

const BATCH = 2_000;
const HEADERS_LOST =
  'Both header pages are lost: documents that were deleted or changed shortly before may have come back.';

/**
 * Writes the intact part of the folder's store to a new one, which replaces it. The damaged store is kept
 * next to it. No process may be serving the store. `undefined`: nothing is damaged. Throws a
 * `DamagedStoreError` if there is nothing to save, a `NewerStoreError` if a newer release wrote it.
 */
export async function repairStore(path: string, now: Date): Promise<RepairReport | undefined> {
  finishExchange(path);
  const file = dataFile(path);
  if (!existsSync(file) || statSync(file).size === 0) {
    throw new DamagedStoreError(
      `There is nothing to save in ${file}: it is ${existsSync(file) ? 'empty' : 'missing'}.`,
    );
  }
  const damage = damageOf(file);
  if (damage.length === 0) return undefined;
  const target = repairedFolder(path);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true, mode: 0o700 });
  const { saved, lost } = await copyIntact(file, target);
  const backup = unusedFolder(path, 'damaged', now);
  renameSync(path, backup);
  renameSync(target, path);
  return { saved, lost: [...new Set([...damage, ...lost])], backup };
}

function damageOf(file: string): readonly string[] {
  try {
    return examine(file, 'records').damage;
  } catch (error) {
    if (error instanceof DamagedStoreError) return ['Both header pages are damaged.', HEADERS_LOST];
    throw error;
  }
}

async function copyIntact(file: string, into: string): Promise<{ saved: number; lost: string[] }> {
  const { file: source, places } = salvage(file);
  const format = places.get(FORMAT_KEY.toString('latin1'));
  if (format) refuseNewer(file, source.read(format.at, format.length));
  const target = await openEnvironment(into, () => undefined);
  const lost: string[] = [];
  let saved = 0;
  try {
    const names = new Names();
    let batch: Write[] = [];
    for (const name of [...places.keys()].sort((a, b) => (a < b ? -1 : 1))) {
      const key = Buffer.from(name, 'latin1');
      // They may refer to documents that are lost.
      if (isDerived(key)) continue;
      const value = places.get(name);
      if (!value || !isIntact(() => names.check(source, { key, value }, lost), names.name(key), lost))
        continue;
      batch.push({ key, value: source.read(value.at, value.length) });
      saved += 1;
      if (batch.length < BATCH) continue;
      await target.write(batch);
      batch = [];
    }
    await target.write(batch);
  } finally {
    source.close();
    await target.close();
  }
  return { saved, lost };
}

function isIntact(check: () => Uint8Array | undefined, name: string, problems: string[]): boolean {
  try {
    return check() !== undefined;
  } catch {
    problems.push(`${name} is lost: the file ends before it does.`);
    return false;
  }
}

/**
 * Replaces the folder's store with an earlier copy and keeps the replaced store next to it. No process may be
 * serving the store. Returns where the replaced store is, if there was one. Throws a `DamagedStoreError` if
 * the copy is damaged, a `NewerStoreError` if a newer release made it.
 */
export function restoreStore(path: string, copy: string, now: Date): string | undefined {
  finishExchange(path);
  const { damage } = examine(copy, 'records');
  if (damage.length > 0) throw new DamagedStoreError(`The copy ${copy} is damaged. ${damage.join(' ')}`);
  const target = restoredFolder(path);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true, mode: 0o700 });
  copyFileSync(copy, dataFile(target));
  chmodSync(dataFile(target), 0o600);
  syncFile(dataFile(target));
  mark(target);
  const backup = existsSync(path) ? unusedFolder(path, 'before', now) : undefined;
  if (backup !== undefined) renameSync(path, backup);
  renameSync(target, path);
  return backup;
}

function unusedFolder(path: string, label: string, now: Date): string {
  const stamp = now.toISOString().replaceAll(':', '').slice(0, 17);
  for (let n = 1; ; n += 1) {
    const name = join(`${path}-${label}-${stamp}${n === 1 ? '' : `-${n}`}`);
    if (!existsSync(name)) return name;
  }
}
