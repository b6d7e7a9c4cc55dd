import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { Context } from 'koa';

interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

export interface Pages {
  has(path: string): boolean;
  send(ctx: Context): void;
}

/** The few files of a folder, read once; only what was there can be asked for, so no path is ever made. */
export function readPages(folder: string): Pages {
  const files = new Map<string, PageFile>();
  for (const entry of existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true, recursive: true })
    : []) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined || entry.name.startsWith('.')) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    files.set(`/${relative(folder, path).split(sep).join('/')}`, { type, bytes, etag });
  }
  const find = (path: string): PageFile | undefined => files.get(path === '/' ? '/index.html' : path);
  return {
    has: (path) => find(path) !== undefined,
    send(ctx) {
      const file = find(ctx.path);
      if (file === undefined) return;
      ctx.status = 200;
      ctx.set('Cache-Control', 'no-cache');
      ctx.set('ETag', file.etag);
      // The widget's files are loaded by pages of other sites.
      ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
      ctx.type = file.type;
      if (ctx.fresh) ctx.status = 304;
      else ctx.body = file.bytes;
    },
  };
}
