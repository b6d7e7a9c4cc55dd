export { FollowUps } from './follow-ups.js';
export { followUpRoutes } from './follow-up-routes.js';
export { followUpStore } from './follow-up-store.js';
export { hookRoutes } from './hook-routes.js';
export { hookStore } from './hook-store.js';
export { Hooks } from './hooks.js';
