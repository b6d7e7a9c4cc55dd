import { createHash } from 'node:crypto';
import type { Route } from '../../lib/api/route.js';
import { defineRoute, json } from '../../lib/api/route.js';
import { renderDocsPage } from './docs-page.js';
import { DOCS_STYLE } from './docs-style.js';
import type { OpenApiDocument } from './openapi.js';
import { openApiOf } from './openapi.js';

/** What the documentation says about the service itself. */
export interface DocumentationNeeds {
  readonly config: { readonly publicUrl?: string; readonly version: string };
}

const PAGE = { auth: 'public', tag: 'system', method: 'GET' } as const;

/** `/openapi.json` and `/docs`, generated once from the described routes. */
export function documentationRoutes(deps: DocumentationNeeds, described: readonly Route[]): Route[] {
  const url = deps.config.publicUrl ?? '/';
  let cached: OpenApiDocument | undefined;
  const document = (): OpenApiDocument =>
    (cached ??= openApiOf([...described, ...documentation], { version: deps.config.version, url }));
  const documentation: Route[] = [openApiRoute(document), docsRoute(document)];
  return documentation;
}

function openApiRoute(document: () => OpenApiDocument): Route {
  return defineRoute({
    ...PAGE,
    path: '/v1/openapi.json',
    legacyPaths: ['/openapi.json'],
    summary: 'This API description (OpenAPI)',
    responses: { 200: { description: 'OpenAPI 3.1', mediaType: 'application/json' } },
    handler: () => json(200, document()),
  });
}

function docsRoute(document: () => OpenApiDocument): Route {
  // The page has no scripts and only this style, so its policy allows nothing else.
  const styleHash = createHash('sha256').update(DOCS_STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; frame-ancestors 'none'`;
  let page: string | undefined;
  return defineRoute({
    ...PAGE,
    path: '/v1/docs',
    legacyPaths: ['/docs'],
    summary: 'This API description, for people',
    responses: { 200: { description: 'A page', mediaType: 'text/html' } },
    handler: () => ({
      type: 'text',
      contentType: 'text/html; charset=utf-8',
      text: (page ??= renderDocsPage(document())),
      headers: { 'Content-Security-Policy': policy },
    }),
  });
}
