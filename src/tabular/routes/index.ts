import type { Route } from '../../lib/api/route.js';
import type { TabularService } from '../service/tabular-service.js';
import { datasetRoutes } from './dataset-routes.js';
import { modelRoutes } from './model-routes.js';
import { predictRoutes } from './predict-routes.js';
import { scoreRoutes } from './score-routes.js';
import { trainingRoutes } from './training-routes.js';

/** All HTTP routes of this room. */
export function tabularRoutes(service: TabularService): readonly Route[] {
  return [
    ...datasetRoutes(service),
    ...trainingRoutes(service),
    ...predictRoutes(service),
    ...modelRoutes(service),
    ...scoreRoutes(service),
  ];
}
