import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, relative, sep } from 'node:path';
import type { Context } from 'koa';

interface PageFile {
  /** File extension, which determines the media type. */
  readonly type: string;
  readonly bytes: Buffer;
  readonly etag: string;
}

/** Libraries used by the pages: their URL name, the package, and its browser build. */
const LIBRARIES = [
  ['dompurify.js', 'dompurify', 'purify.es.mjs'],
  ['eventsource-parser.js', 'eventsource-parser', 'index.js'],
  ['marked.js', 'marked', 'marked.esm.js'],
] as const;

export interface Pages {
  has(path: string): boolean;
  send(ctx: Context): void;
}

/**
 * A folder's files and the libraries they use, read once at startup. Only these can be requested, so no path
 * is ever built from a request.
 */
export function readPages(folder: string): Pages {
  const files = new Map<string, PageFile>();
  const add = (address: string, file: string): void => {
    const bytes = readFileSync(file);
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    files.set(address, { type: extname(address), bytes, etag });
  };
  const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true, recursive: true }) : [];
  for (const entry of entries) {
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    const file = join(entry.parentPath, entry.name);
    add(`/${relative(folder, file).split(sep).join('/')}`, file);
  }
  const { resolve } = createRequire(import.meta.url);
  for (const [name, library, file] of LIBRARIES)
    add(`/vendor/${name}`, join(dirname(resolve(library)), file));
  const find = (path: string): PageFile | undefined => files.get(path === '/' ? '/index.html' : path);
  return {
    has: (path) => find(path) !== undefined,
    send(ctx) {
      const file = find(ctx.path);
      if (file === undefined) return;
      ctx.status = 200;
      ctx.set('Cache-Control', 'no-cache');
      ctx.set('ETag', file.etag);
      // The widget's files are loaded by pages of other sites, its modules by their rules for scripts.
      ctx.set('Access-Control-Allow-Origin', '*');
      ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
      ctx.type = file.type;
      if (ctx.fresh) ctx.status = 304;
      else ctx.body = file.bytes;
    },
  };
}
