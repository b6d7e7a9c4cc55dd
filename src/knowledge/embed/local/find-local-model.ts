import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MODEL_FILE } from './model-files.js';

/** Multilingual models say so in their names, according to their model cards. */
const MULTILINGUAL = /multilingual|(^|[/-])bge-m3|labse/i;

/**
 * The name of a model in the folder: the requested one or, unless only that is acceptable, another,
 * multilingual ones first. `undefined` if there is none.
 */
export async function findLocalModel(
  modelsDir: string,
  requestedName: string,
  onlyThat: boolean,
): Promise<string | undefined> {
  if (await isModel(join(modelsDir, requestedName))) return requestedName;
  if (onlyThat) return undefined;
  const names: string[] = [];
  for (const owner of await foldersIn(modelsDir)) {
    if (await isModel(join(modelsDir, owner))) names.push(owner);
    for (const name of await foldersIn(join(modelsDir, owner))) {
      if (await isModel(join(modelsDir, owner, name))) names.push(`${owner}/${name}`);
    }
  }
  names.sort();
  return names.find((name) => MULTILINGUAL.test(name)) ?? names[0];
}

async function isModel(folder: string): Promise<boolean> {
  return stat(join(folder, MODEL_FILE)).then(
    (file) => file.isFile(),
    () => false,
  );
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
