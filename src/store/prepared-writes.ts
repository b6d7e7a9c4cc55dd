import type { PreparedWrite } from '../contracts/stores.js';
import type { WriteModel } from './shared-writes.js';

/** Writes of this store, which can also be sent as parts of a larger command. */
export class PreparedWrites implements PreparedWrite {
  constructor(
    readonly send: () => Promise<void>,
    readonly models: readonly WriteModel[],
  ) {}
}
