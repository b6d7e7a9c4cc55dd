import type { IncomingMessage } from 'node:http';
import busboy from 'busboy';
import type { UploadedFile } from '../../lib/api/body-spec.js';
import { HttpProblem, invalidRequest } from '../../lib/api/problem.js';
import { cleanText } from './clean-json.js';
import { continueIfExpected } from './expect-continue.js';
import { GatheredBytes } from './gathered-bytes.js';
import { mediaType, unsupportedMediaType } from './media-type.js';
import { declaredLength, readBytes, refuseDeclaredLength, tooLarge } from './read-body.js';

export interface Upload {
  readonly file: UploadedFile;
  readonly fields: Readonly<Record<string, string>>;
}

/** Headers and boundaries of the form around the file. */
const FORM_OVERHEAD = 64 * 1024;
const LONGEST_FIELD = 64 * 1024;
const MOST_FIELDS = 20;
const LONGEST_NAME = 255;

/** The only file of a multipart body, or the body itself if its type is one of `plainTypes`. */
export async function readUpload(
  request: IncomingMessage,
  maxBytes: number,
  plainTypes: readonly string[],
): Promise<Upload> {
  const { type } = mediaType(request);
  if (plainTypes.includes(type)) {
    return { file: { name: 'body', bytes: await readBytes(request, maxBytes) }, fields: {} };
  }
  if (type !== 'multipart/form-data') throw unsupportedMediaType(['multipart/form-data', ...plainTypes]);
  refuseDeclaredLength(request, maxBytes + FORM_OVERHEAD);
  return readForm(request, maxBytes);
}

function openForm(request: IncomingMessage, maxBytes: number): busboy.Busboy {
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      limits: {
        files: 1,
        // busboy already rejects a file of exactly the limit.
        fileSize: maxBytes + 1,
        fields: MOST_FIELDS,
        fieldSize: LONGEST_FIELD,
        parts: MOST_FIELDS + 1,
      },
    });
  } catch {
    throw new HttpProblem(400, 'malformed_form', 'The multipart header has no usable boundary.');
  }
}

function readForm(request: IncomingMessage, maxBytes: number): Promise<Upload> {
  const form = openForm(request, maxBytes);
  continueIfExpected(request);
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>();
    let file: { name: string; bytes: GatheredBytes } | undefined;
    const fail = (problem: HttpProblem): void => {
      request.unpipe(form);
      request.pause();
      reject(problem);
    };
    const malformed = (): void =>
      fail(new HttpProblem(400, 'malformed_form', 'The multipart body is damaged.'));
    form.on('file', (fieldName, stream, info) => {
      // A form that ends inside the file fails here first; without a listener, the error would crash the
      // process.
      stream.on('error', malformed);
      if (fieldName !== 'file') {
        stream.resume();
        fail(invalidRequest('The file must be in the field `file`.', [unknownField(fieldName)]));
        return;
      }
      const bytes = new GatheredBytes(declaredLength(request));
      file = { name: cleanText(String(info.filename ?? 'file')).slice(0, LONGEST_NAME), bytes };
      stream.on('data', (chunk: Buffer) => bytes.add(chunk));
      stream.on('limit', () => fail(tooLarge(maxBytes)));
    });
    form.on('field', (name, value, info) => {
      if (info.valueTruncated || info.nameTruncated) fail(fieldTooLong());
      else if (fields.has(name)) fail(invalidRequest('A form field came twice.', [twice(name)]));
      else fields.set(name, cleanText(value));
    });
    form.on('filesLimit', () => fail(invalidRequest('Only one file is taken at a time.')));
    form.on('fieldsLimit', () => fail(invalidRequest('There are too many form fields.')));
    form.on('partsLimit', () => fail(invalidRequest('There are too many form fields.')));
    form.on('error', malformed);
    form.on('close', () => {
      if (file === undefined) fail(invalidRequest('The field `file` is missing.', [missingFile]));
      else
        resolve({
          file: { name: file.name, bytes: file.bytes.whole() },
          fields: Object.fromEntries(fields),
        });
    });
    request.once('aborted', malformed);
    request.pipe(form);
  });
}

function fieldTooLong(): HttpProblem {
  return new HttpProblem(413, 'body_too_large', `A form field is longer than ${LONGEST_FIELD / 1024} KB.`);
}

const missingFile = { path: 'file', code: 'required', message: 'A file is needed.' };

function unknownField(name: string) {
  return {
    path: cleanText(name).slice(0, LONGEST_NAME),
    code: 'unknown_field',
    message: 'There is no such field.',
  };
}

function twice(name: string) {
  return {
    path: cleanText(name).slice(0, LONGEST_NAME),
    code: 'duplicate',
    message: 'Given more than once.',
  };
}
