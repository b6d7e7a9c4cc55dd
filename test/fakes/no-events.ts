import type { Events } from '../../src/contracts/events.js';

/** Discards all events. */
export const noEvents: Events = { emit: () => Promise.resolve() };
