import type { JobQueue } from '../../contracts/queue.js';
import type { TenantScope } from '../../contracts/stores.js';
import { tabularStore, type ModelRow } from '../records/records.js';
import type { ModelFiles } from './model-files.js';
import { usesOf, type ModelUses } from './model-uses.js';
import { retrainingOf } from './retrain.js';
import { endScoring } from './score-contacts.js';

export interface RemovedModel {
  readonly model: ModelRow;
  /** What used it until then. */
  readonly uses: ModelUses;
}

/**
 * Removes a version, and ends the scoring of fields that it writes. If it is in use, another version of its
 * name takes its place. `undefined`: there is no such model.
 */
export async function removeModel(
  scope: TenantScope,
  id: string,
  { queue, files }: { readonly queue: JobQueue; readonly files: ModelFiles },
): Promise<RemovedModel | undefined> {
  const { models } = scope.store(tabularStore);
  const model = await models.get(id);
  if (model === undefined) return undefined;
  const uses = await usesOf(scope, model);
  // First, so that one version is in use even if the process ends in between.
  if (uses.successor !== undefined) await models.activate(uses.successor);
  if (!(await models.remove(id))) return undefined;
  for (const { field } of uses.fields) await endScoring(scope, field, id, queue);
  const isLast = (await models.versions(model.name)).length === 0;
  if (isLast && model.wish !== undefined) await retrainingOf(scope, model, { schedule: null }, queue);
  files.forget(scope, id);
  await scope.files.remove(model.artifactId);
  if (model.nativeId !== undefined) await scope.files.remove(model.nativeId);
  return { model, uses };
}
