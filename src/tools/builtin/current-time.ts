import { z } from 'zod';
import type { Tool } from '../../contracts/tool.js';
import { localTime, openingState } from './opening-state.js';

const inputSchema = z.strictObject({});

/** Date and time at the business, and whether it is open. */
export const currentTimeTool: Tool<z.output<typeof inputSchema>> = {
  name: 'current_time',
  description:
    'Tells the current date, weekday and time at the business, and whether it is open now, until when, or when it opens next.',
  inputSchema,
  effect: 'read',
  run(_input, { scope, now }) {
    const { timezone, business_hours: hours } = scope.settings;
    const local = localTime(now, timezone);
    const state = openingState(hours, local);
    return Promise.resolve({
      ...local,
      timezone,
      opening: state === undefined ? 'the business has not told its opening hours' : state,
    });
  },
};
