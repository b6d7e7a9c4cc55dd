import type { Context, Middleware } from 'koa';
import { PROBLEM_TYPE, problemBody } from '../../lib/api/problem.js';
import { answerBeforeBody, isSendingMuch } from '../request/unread-body.js';
import { toProblem } from '../to-problem.js';
import type { Metrics } from '../../contracts/metrics.js';
import type { Clock, Logger, MakeId } from '../../contracts/runtime.js';

interface ObserveNeeds {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly makeId: MakeId;
  readonly metrics: Metrics;
}

const SAFE_REQUEST_ID = /^[A-Za-z0-9_.:-]{8,128}$/;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Assigns each request an id, counts and times it, and logs it without its body. */
export function observe(deps: ObserveNeeds): Middleware {
  return async (ctx, next) => {
    const received = ctx.get('x-request-id');
    const requestId = SAFE_REQUEST_ID.test(received) ? received : deps.makeId('req');
    ctx.state['requestId'] = requestId;
    ctx.set('X-Request-Id', requestId);
    const startedAt = deps.clock.monotonicMs();
    try {
      await next();
    } finally {
      const tookMs = deps.clock.monotonicMs() - startedAt;
      const method = METHODS.has(ctx.method) ? ctx.method : 'OTHER';
      const route = String(ctx.state['route'] ?? 'none');
      deps.metrics.count('sapa_http_requests_total', { method, route, status: String(ctx.res.statusCode) });
      deps.metrics.observe('sapa_http_request_seconds', tookMs / 1000, { method, route });
      deps.logger.debug({ requestId, method, route, status: ctx.res.statusCode, tookMs }, 'request answered');
    }
  };
}

/** The only place where an error becomes a response. */
export function answerErrors(deps: ObserveNeeds): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      await answerError(deps, ctx, error);
    }
  };
}

async function answerError(deps: ObserveNeeds, ctx: Context, error: unknown): Promise<void> {
  const problem = toProblem(error);
  const requestId = String(ctx.state['requestId']);
  if (problem.status >= 500) {
    deps.logger.error({ requestId, route: String(ctx.state['route'] ?? 'none'), error }, 'request failed');
  }
  if (ctx.res.headersSent || ctx.res.destroyed) {
    ctx.respond = false;
    ctx.res.destroy();
    return;
  }
  const body = Buffer.from(JSON.stringify(problemBody(problem, requestId)));
  ctx.set({ ...problem.options.headers });
  ctx.status = problem.status;
  ctx.type = PROBLEM_TYPE;
  ctx.set('Cache-Control', 'no-store');
  if (!isSendingMuch(ctx.req)) {
    ctx.body = body;
    return;
  }
  ctx.respond = false;
  await answerBeforeBody(ctx.req, ctx.res, body);
}
