import type { RouterMiddleware } from '@koa/router';
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Route } from '../../lib/api/route.js';
import { HttpProblem } from '../../lib/api/problem.js';

type Dispatch = (ctx: Context, route: Route, params: Record<string, string>) => Promise<void>;

/** `/tenants/{id}` in the router's syntax. Without a trailing slash it matches both forms. */
function routerPath(path: string): string {
  const parameters = path.replaceAll(/\{(\w+)\}/g, ':$1');
  return parameters === '/' ? parameters : parameters.replace(/\/$/, '');
}

/** Registers every route under each of its paths, and answers 405 or 404 otherwise. */
export function routeRequests(routes: readonly Route[], dispatch: Dispatch): Middleware[] {
  const router = new Router();
  for (const route of routes) {
    const handle: RouterMiddleware = async (ctx) => {
      ctx.state['route'] = route.path;
      await dispatch(ctx, route, ctx.params);
    };
    for (const path of [route.path, ...route.legacyPaths]) {
      router.register(routerPath(path), [route.method], handle);
    }
  }
  return [router.routes() as Middleware, refuseUnmatched(router)];
}

function refuseUnmatched(router: Router): Middleware {
  return (ctx) => {
    if (ctx.state['route'] !== undefined) return;
    const methods = new Set(router.match(ctx.path, ctx.method).path.flatMap((layer) => layer.methods));
    if (methods.size === 0) throw new HttpProblem(404, 'route_not_found', 'There is no such route.');
    const allow = [...methods, 'OPTIONS'].sort().join(', ');
    if (ctx.method !== 'OPTIONS') throw methodNotAllowed(allow);
    ctx.set('Allow', allow);
    ctx.status = 204;
  };
}

export function methodNotAllowed(allow: string): HttpProblem {
  return new HttpProblem(405, 'method_not_allowed', `This route takes ${allow}.`, {
    headers: { Allow: allow },
  });
}
