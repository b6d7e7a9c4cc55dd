export { createHttpApp } from './create-http-app.js';
export type { RouteTable } from './create-http-app.js';
export { DEFAULT_LIMITS } from './limits.js';
export type { HttpLimits } from './limits.js';
export type { HttpDependencies } from './route-table.js';
export { startHttpServer } from './start-http-server.js';
export type { HttpServer } from './start-http-server.js';
