import { z } from 'zod';
import type { Route } from '../../lib/api/route.js';
import { defineRoute, json } from '../../lib/api/route.js';
import type { Metrics } from '../../contracts/metrics.js';

/** Dependencies of these routes. */
export interface SystemRouteNeeds {
  readonly metrics: Metrics;
  ready(): Promise<{ readonly ok: boolean; readonly checks: Readonly<Record<string, string>> }>;
}

const readySchema = z.object({
  status: z.enum(['ready', 'not_ready']),
  checks: z.record(z.string(), z.string()),
});

export function systemRoutes(deps: SystemRouteNeeds): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/health',
      legacyPaths: ['/health'],
      auth: 'public',
      tag: 'system',
      summary: 'Check that the process is alive',
      responses: {
        200: {
          description: 'It does',
          schema: z.object({ status: z.literal('ok') }),
          example: { status: 'ok' },
        },
      },
      handler: () => json(200, { status: 'ok' }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/ready',
      legacyPaths: ['/ready'],
      auth: 'public',
      tag: 'system',
      summary: 'Check that the process can take work',
      responses: {
        200: {
          description: 'It can',
          schema: readySchema,
          example: { status: 'ready', checks: { store: 'ok' } },
        },
        503: {
          description: 'It cannot, and why',
          schema: readySchema,
          example: { status: 'not_ready', checks: { store: 'unreachable' } },
        },
      },
      async handler() {
        const { ok, checks } = await deps.ready();
        return json(ok ? 200 : 503, { status: ok ? 'ready' : 'not_ready', checks });
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/metrics',
      legacyPaths: ['/metrics'],
      auth: 'admin',
      tag: 'system',
      summary: 'Get metrics for Prometheus',
      responses: { 200: { description: 'Prometheus text format', mediaType: 'text/plain' } },
      async handler() {
        return { type: 'text', ...(await deps.metrics.render()) };
      },
    }),
  ];
}
