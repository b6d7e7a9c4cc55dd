import cors from '@koa/cors';
import type { Middleware } from 'koa';
import type { ServiceStore } from '../../contracts/stores.js';

interface CrossOriginNeeds {
  readonly service: Pick<ServiceStore, 'tenantByHost'>;
  readonly config: { readonly corsOrigins: readonly string[] };
}

const WEB_CHAT = /^\/(v1\/)?web\//;

export function hostOfOrigin(origin: string | undefined): string | undefined {
  return origin !== undefined && URL.canParse(origin) ? new URL(origin).hostname : undefined;
}

/** Applies `CORS_ORIGINS` to the whole API and, for the web chat, also allows the businesses' own sites. */
export function crossOrigin(deps: CrossOriginNeeds): Middleware {
  const allowed = new Set(deps.config.corsOrigins);
  const isBusinessSite = async (origin: string): Promise<boolean> => {
    const host = hostOfOrigin(origin);
    return host !== undefined && (await deps.service.tenantByHost(host)) !== undefined;
  };
  return cors({
    async origin(ctx) {
      const origin = ctx.get('Origin');
      if (origin === '') return '';
      if (allowed.has('*')) return '*';
      if (allowed.has(origin)) return origin;
      return WEB_CHAT.test(ctx.path) && (await isBusinessSite(origin)) ? origin : '';
    },
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: [
      'Accept',
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'If-Match',
      'X-API-Key',
      'X-Request-Id',
      'X-Tenant-Id',
    ],
    exposeHeaders: ['ETag', 'Retry-After', 'X-Request-Id'],
    maxAge: 600,
    keepHeadersOnError: false,
  });
}
