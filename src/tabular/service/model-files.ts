import { deserialize, serialize } from 'node:v8';
import { TabularError } from '../../contracts/tabular.js';
import type { TenantScope } from '../../contracts/stores.js';
import type { TabularModel } from '../model/model.js';
import { Predictor } from '../model/predict.js';
import type { ModelRow } from '../records/records.js';

/** Models kept ready to predict, for all tenants together; each takes some megabytes. */
const MOST_READY = 16;

/** Models in the tenant's files, which are compressed there. */
export class ModelFiles {
  private readonly ready = new Map<string, Predictor>();

  async save(scope: TenantScope, model: TabularModel, name: string): Promise<string> {
    const file = await scope.files.save({
      kind: 'document',
      fileName: `${name}.model`,
      mediaType: 'application/octet-stream',
      bytes: serialize(model),
    });
    return file.id;
  }

  /** The cache key includes the tenant: ids of two tenants may be the same, but their models are not. */
  async predictor(scope: TenantScope, row: ModelRow): Promise<Predictor | undefined> {
    if (row.nativeId === undefined) return undefined;
    const key = `${scope.tenantId} ${row._id}`;
    const cached = this.ready.get(key);
    if (cached !== undefined) return cached;
    const bytes = await scope.files.read(row.nativeId);
    if (bytes === undefined) throw new TabularError('no-model', 'The file of the model is gone.');
    const predictor = new Predictor(deserialize(bytes) as TabularModel);
    this.ready.set(key, predictor);
    // The model that was loaded first is dropped first.
    const [oldest] = this.ready.keys();
    if (this.ready.size > MOST_READY && oldest !== undefined) this.ready.delete(oldest);
    return predictor;
  }

  forget(scope: TenantScope, id: string): void {
    this.ready.delete(`${scope.tenantId} ${id}`);
  }
}
