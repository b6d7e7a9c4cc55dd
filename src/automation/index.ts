export { FollowUps } from './follow-ups.js';
export { followUpRoutes } from './follow-up-routes.js';
export { followUpStore } from './follow-up-store.js';
