import { createRequire } from 'node:module';
import type * as Mingo from 'mingo';

type AggregationLibrary = typeof Mingo;

const require = createRequire(import.meta.url);

/**
 * The aggregation library, loaded when the first pipeline needs it: it takes longer to load than
 * everything else the store needs to start, and a service that only reads and writes never does.
 */
export const aggregationLibrary = (): AggregationLibrary => require('mingo') as AggregationLibrary;
