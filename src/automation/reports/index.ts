export { StaffNews } from './news.js';
export { reportRoutes } from './report-routes.js';
export { createReports } from './report-service.js';
export { reportStore } from './report-store.js';
