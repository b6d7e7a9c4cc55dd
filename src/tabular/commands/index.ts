import { withServices, type Command } from '../../contracts/command.js';
import type { TabularService } from '../service/tabular-service.js';
import { datasetsCommand } from './datasets-command.js';
import { modelsCommand } from './models-command.js';
import { predictCommand } from './predict-command.js';
import { trainCommand } from './train-command.js';

/** Commands about tables for staff, on every channel. */
export function tabularCommands(tabular: TabularService): readonly Command[] {
  const services = { tabular };
  return [
    withServices(trainCommand, services),
    withServices(predictCommand, services),
    withServices(datasetsCommand, services),
    withServices(modelsCommand, services),
  ];
}
