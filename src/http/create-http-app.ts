import { setMaxListeners } from 'node:events';
import type { RequestListener } from 'node:http';
import Koa from 'koa';
import type { Middleware } from 'koa';
import type { Route } from '../lib/api/route.js';
import { createRouteTable, type HttpDependencies } from './route-table.js';
import { crossOrigin } from './server/cross-origin.js';
import { createDispatch } from './server/dispatch.js';
import { methodNotAllowed, routeRequests } from './server/find-route.js';
import { answerErrors, observe } from './server/observe.js';
import type { Pages } from './server/pages.js';
import { readPages } from './server/pages.js';
import { createRateLimits } from './server/rate-limits.js';
import { securityHeaders } from './server/security-headers.js';

/** Everything that can be called from outside, in one list. */
export type RouteTable = readonly Route[];

export interface HttpApp {
  readonly listener: RequestListener;
  readonly routes: RouteTable;
  /** Ends the streams that would otherwise stay open forever. */
  endStreams(): void;
}

/** Builds the API, its documentation and the pages, without listening yet. */
export function createHttpApp(deps: HttpDependencies): HttpApp {
  const rateLimits = createRateLimits(deps.config.limits);
  const closing = new AbortController();
  // Each open stream adds a listener.
  setMaxListeners(0, closing.signal);
  const routes = createRouteTable(deps, rateLimits, closing.signal);
  const { trustProxy } = deps.config;
  // Each of our proxies appends an address on the right; anything further left could have been forged.
  const app = new Koa({ proxy: trustProxy > 0, maxIpsCount: trustProxy });
  app.on('error', (error: unknown) => deps.logger.warn({ error }, 'connection failed while answering'));
  app.use(observe(deps));
  app.use(answerErrors(deps));
  app.use(securityHeaders(deps.config.publicUrl?.startsWith('https:') ?? false));
  app.use(crossOrigin(deps));
  app.use(servePages(readPages(deps.pagesFolder)));
  app.use(neverCached);
  for (const middleware of routeRequests(routes, createDispatch(deps, rateLimits))) app.use(middleware);
  const listener = app.callback();
  return {
    listener: (request, response) => void listener(request, response),
    routes,
    endStreams: () => closing.abort(new Error('the service stops')),
  };
}

function servePages(pages: Pages): Middleware {
  return async (ctx, next) => {
    if (!pages.has(ctx.path)) {
      await next();
      return;
    }
    ctx.state['route'] = 'page';
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') throw methodNotAllowed('GET, HEAD');
    pages.send(ctx);
  };
}

const neverCached: Middleware = async (ctx, next) => {
  ctx.set('Cache-Control', 'no-store');
  await next();
};
