import { z } from 'zod';
import { invalidRequest } from './problem.js';
import { parseWith } from './parse-input.js';

export interface UploadedFile {
  /** As named by the client; never used as a path. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A body as read, before validation by a route's schema. */
export type RawBody =
  | { readonly type: 'none' }
  | { readonly type: 'json'; readonly value: unknown }
  | {
      readonly type: 'upload';
      readonly file: UploadedFile;
      readonly fields: Readonly<Record<string, string>>;
    }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array };

/** How a route's body is read, validated and documented. */
export interface BodySpec<Body> {
  readonly type: 'json' | 'upload' | 'bytes';
  /** The JSON, or the form fields beside the file; for `bytes`, used only for documentation. */
  readonly schema: z.ZodType;
  readonly example: unknown;
  /** The body may be omitted. */
  readonly optional: boolean;
  /** Media types whose entire body is the file, besides multipart. */
  readonly plainTypes: readonly string[];
  /** Set if JSON is accepted as well, with its schema. */
  readonly json?: { readonly schema: z.ZodType; readonly example: unknown };
  /** Overrides the size limit for this file. */
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

/** For writes without input: an empty body or `{}`. */
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

/** Multipart with one `file`. JSON cannot be mistaken for one, because its content type differs. */
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

/** Either a file with form fields, or JSON with the same content. */
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

/** JSON passed on unparsed, byte for byte, to code that verifies a signature over it. */
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
