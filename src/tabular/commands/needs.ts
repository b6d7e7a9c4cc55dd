import type { TabularService } from '../service/tabular-service.js';

/** What every command about tables has access to. */
export interface TabularNeeds {
  readonly tabular: TabularService;
}
