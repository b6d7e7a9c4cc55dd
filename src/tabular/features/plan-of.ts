import type { DatasetColumn } from '../../contracts/tabular.js';
import type { ColumnPlan } from './column-plan.js';

/** How the cells of a column are turned into numbers, consistent with how the table was read. */
export function planOf({ name, type, format }: DatasetColumn): ColumnPlan {
  switch (type) {
    case 'number':
      return { type, column: name, decimal: format?.decimal ?? '.' };
    case 'boolean':
      return { type, column: name };
    case 'date':
      return {
        type,
        column: name,
        dateOrder: format?.dateOrder ?? 'day-first',
        hasTime: format?.hasTime ?? false,
      };
    case 'category':
    case 'text':
    case 'id':
      return { type: 'category', column: name, categories: [] };
    default:
      return type satisfies never;
  }
}
