import { z } from 'zod';
import { invalidRequest } from './problem.js';
import { parseWith } from './parse-input.js';

export interface UploadedFile {
  /** As the client named it; never used as a path. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A body as it was read, before a route's schema has seen it. */
export type RawBody =
  | { readonly type: 'none' }
  | { readonly type: 'json'; readonly value: unknown }
  | {
      readonly type: 'upload';
      readonly file: UploadedFile;
      readonly fields: Readonly<Record<string, string>>;
    }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array };

/** How a route's body is read, checked and documented. */
export interface BodySpec<Body> {
  readonly type: 'json' | 'upload' | 'bytes';
  /** The JSON, or the form fields next to the file; of `bytes` only for the documentation. */
  readonly schema: z.ZodType;
  readonly example: unknown;
  /** May be left out altogether. */
  readonly optional: boolean;
  /** Media types whose whole body is the file, besides multipart. */
  readonly plainTypes: readonly string[];
  /** JSON is taken too, and this is what it holds. */
  readonly json?: { readonly schema: z.ZodType; readonly example: unknown };
  /** Of a file that may be larger than others. */
  readonly maxBytes?: number;
  parse(raw: RawBody): Body;
}

export function jsonBody<Body>(schema: z.ZodType<Body>, example: unknown): BodySpec<Body> {
  return {
    type: 'json',
    schema,
    example,
    optional: false,
    plainTypes: [],
    parse: (raw) => parseWith(schema, raw.type === 'json' ? raw.value : undefined, 'body'),
  };
}

/** For writes that need no words: nothing, or `{}`. */
export const noBody: BodySpec<Record<string, never>> = (() => {
  const schema = z.strictObject({});
  return {
    type: 'json',
    schema,
    example: {},
    optional: true,
    plainTypes: [],
    parse: (raw) => (raw.type === 'json' ? parseWith(schema, raw.value, 'body') : {}),
  } satisfies BodySpec<Record<string, never>>;
})();

export interface UploadBody<Fields> {
  readonly file: UploadedFile;
  readonly fields: Fields;
}

/** Multipart with one `file`. JSON can never pretend to be one: it is another content type. */
export function uploadBody<Fields>(
  fields: z.ZodType<Fields>,
  options: {
    readonly example: unknown;
    readonly plainTypes?: readonly string[];
    readonly maxBytes?: number;
  },
): BodySpec<UploadBody<Fields>> {
  return {
    type: 'upload',
    schema: fields,
    example: options.example,
    optional: false,
    plainTypes: options.plainTypes ?? [],
    ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
    parse(raw) {
      if (raw.type !== 'upload') throw invalidRequest('A file is needed.');
      return { file: raw.file, fields: parseWith(fields, raw.fields, 'form') };
    },
  };
}

/** A file with form fields, or JSON without a file: two ways to say the same. */
export type UploadOrJson<Fields, Json> =
  | { readonly type: 'upload'; readonly file: UploadedFile; readonly fields: Fields }
  | { readonly type: 'json'; readonly value: Json };

export function uploadOrJsonBody<Fields, Json>(
  upload: { readonly fields: z.ZodType<Fields>; readonly example: unknown; readonly maxBytes?: number },
  json: { readonly schema: z.ZodType<Json>; readonly example: unknown },
  plainTypes: readonly string[] = [],
): BodySpec<UploadOrJson<Fields, Json>> {
  return {
    ...uploadBody(upload.fields, { example: upload.example, plainTypes }),
    json,
    ...(upload.maxBytes === undefined ? {} : { maxBytes: upload.maxBytes }),
    parse(raw) {
      if (raw.type === 'json') return { type: 'json', value: parseWith(json.schema, raw.value, 'body') };
      if (raw.type !== 'upload') throw invalidRequest('A file or JSON is needed.');
      return { type: 'upload', file: raw.file, fields: parseWith(upload.fields, raw.fields, 'form') };
    },
  };
}

/** JSON that is handed on unread, byte for byte, to whoever checks a signature over it. */
export function bytesBody(schema: z.ZodType, example: unknown): BodySpec<Uint8Array> {
  return {
    type: 'bytes',
    schema,
    example,
    optional: false,
    plainTypes: [],
    parse(raw) {
      if (raw.type !== 'bytes') throw invalidRequest('A body is needed.');
      return raw.bytes;
    },
  };
}
