import type { TabularService } from '../service/tabular-service.js';

/** What every command about tables is given. */
export interface TabularNeeds {
  readonly tabular: TabularService;
}
