import type { FakeApp } from './fake-app.js';
import type { FormFile } from './message-body.js';
import { channelRoutes } from './routes/channels.js';
import { applicationRoutes } from './routes/applications.js';
import { interactionRoutes } from './routes/interactions.js';
import { messageRoutes } from './routes/messages.js';
import type { Json } from './types.js';
import type { World } from './world.js';

export interface RouteCall {
  readonly world: World;
  /** The application the token belongs to; with an interaction token, the interaction's application. */
  readonly app: FakeApp;
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Json;
  /** The body, if it is a list. */
  readonly list: readonly Json[];
  readonly files: readonly FormFile[];
}

export interface Route {
  readonly method: string;
  /** `:name` matches one segment. */
  readonly path: string;
  /** The path itself carries the authorisation. */
  readonly isOpen?: boolean;
  /** `undefined` becomes a 204. */
  handle(call: RouteCall): unknown;
}

export const ROUTES: readonly Route[] = [
  ...applicationRoutes,
  ...channelRoutes,
  ...messageRoutes,
  ...interactionRoutes,
];

export interface FoundRoute {
  readonly route: Route;
  readonly params: readonly string[];
}

export function findRoute(method: string, path: string): FoundRoute | undefined {
  for (const route of ROUTES) {
    if (route.method !== method) continue;
    const pattern = new RegExp(`^${route.path.replace(/:\w+/g, '([^/]+)')}$`);
    const match = pattern.exec(path);
    if (match !== null) return { route, params: match.slice(1) };
  }
  return undefined;
}
