import { join } from 'node:path';
import { createHttpApp, DEFAULT_LIMITS, startHttpServer } from '../http/index.js';
import type { HttpServer } from '../http/index.js';
import { conversationIdOf } from '../lib/ids/conversation-id.js';
import { projectRoot } from '../lib/project-root.js';
import { serviceVersion } from '../lib/version.js';
import { DEMO_TENANT_ID } from '../seed/seed-demo.js';
import type { App } from './compose.js';

/** Starts listening for the API and the pages. */
export async function startHttp(app: App): Promise<HttpServer> {
  const { settings, secrets } = app;
  const httpApp = createHttpApp({
    ...app,
    channels: app.channels.filter((channel) => channel.connection !== undefined),
    accountsChanged: () => app.connections.changed(),
    conversationIdOf,
    isAdminKey: (key) => secrets.isAdminKey(key),
    ready: () => readiness(app),
    secret: secrets.signingKey,
    config: {
      corsOrigins: settings.CORS_ORIGINS,
      trustProxy: settings.TRUST_PROXY,
      ...(settings.PUBLIC_URL === undefined ? {} : { publicUrl: settings.PUBLIC_URL }),
      ...(settings.SEED_DEMO ? { demoTenantId: DEMO_TENANT_ID } : {}),
      limits: DEFAULT_LIMITS,
      version: serviceVersion(),
    },
    pagesFolder: join(projectRoot, 'channels/web/public'),
  });
  return startHttpServer(httpApp, { host: settings.HOST, port: settings.PORT, logger: app.logger });
}

async function readiness(app: App): Promise<{ ok: boolean; checks: Record<string, string> }> {
  try {
    await app.ping();
    return { ok: true, checks: { store: 'ok' } };
  } catch {
    return { ok: false, checks: { store: 'unavailable' } };
  }
}
