import type { Events } from '../../src/contracts/events.js';

/** Nobody wants to know. */
export const noEvents: Events = { emit: () => Promise.resolve() };
