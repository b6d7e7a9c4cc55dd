import { createCipheriv, createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getMediaKeys, type MediaType } from '@whiskeysockets/baileys';
import { startLoopbackServer, type LoopbackServer } from '../loopback-server.js';
import type { Faults } from './faults.js';
import type { Journal } from './journal.js';
import type { TlsCertificate } from './tls-certificate.js';

/** The fields with which a message describes a file. */
export interface MediaFields {
  readonly url: string;
  readonly directPath: string;
  readonly mediaKey: Uint8Array;
  readonly fileSha256: Uint8Array;
  readonly fileEncSha256: Uint8Array;
  readonly fileLength: number;
}

/** Stores encrypted files over https; uploads need a token from `media_conn`. */
export class MediaHost {
  readonly auth = randomBytes(12).toString('base64url');
  private readonly files = new Map<string, Buffer>();
  private listening: LoopbackServer | undefined;

  constructor(
    private readonly certificate: TlsCertificate,
    private readonly faults: Faults,
    private readonly journal: Journal,
  ) {}

  get hostname(): string {
    return this.listening?.host ?? '';
  }

  async listen(): Promise<void> {
    const { certificate } = this;
    this.listening = await startLoopbackServer(
      (request, response, body) => this.answer(request, response, body),
      { certificate },
    );
  }

  async close(): Promise<void> {
    await this.listening?.close();
  }

  /** Encrypts a file as a phone does and stores it here. */
  async put(kind: MediaType, bytes: Uint8Array): Promise<MediaFields> {
    const mediaKey = randomBytes(32);
    const { iv, cipherKey, macKey } = await getMediaKeys(mediaKey, kind);
    if (!macKey) throw new Error('no key for the checksum');
    const cipher = createCipheriv('aes-256-cbc', cipherKey, iv);
    const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
    const mac = createHmac('sha256', macKey).update(iv).update(sealed).digest().subarray(0, 10);
    const file = Buffer.concat([sealed, mac]);
    const directPath = this.store(file);
    return {
      url: `https://${this.hostname}${directPath}`,
      directPath,
      mediaKey,
      fileSha256: sha256(bytes),
      fileEncSha256: sha256(file),
      fileLength: bytes.byteLength,
    };
  }

  /** The encrypted file of a message, e.g. to check what the account sent. */
  file(directPath: string): Buffer | undefined {
    return this.files.get(directPath);
  }

  forget(directPath: string): void {
    this.files.delete(directPath);
  }

  private store(file: Buffer): string {
    const path = `/v/t62/${randomUUID()}.enc`;
    this.files.set(path, file);
    return path;
  }

  private answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const url = new URL(request.url ?? '/', 'https://media');
    if (request.method === 'POST') return this.take(url, body, response);
    const fault = this.faults.nextDownload();
    const file = this.files.get(url.pathname);
    if (fault !== undefined || !file) response.writeHead(fault ?? 404).end();
    else response.writeHead(200, { 'content-length': file.length }).end(file);
  }

  private take(url: URL, file: Buffer, response: ServerResponse): void {
    const fault = this.faults.nextUpload();
    if (fault !== undefined) return refuse(response, fault);
    if (url.searchParams.get('auth') !== this.auth) {
      this.journal.violations.push('an upload without the token of media_conn');
      return refuse(response, 401);
    }
    const claimed = decodeURIComponent(url.pathname.slice(url.pathname.lastIndexOf('/') + 1));
    if (claimed !== sha256(file).toString('base64url')) {
      this.journal.violations.push('an upload whose name is not its checksum');
      return refuse(response, 400);
    }
    const path = this.store(file);
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ url: `https://${this.hostname}${path}`, direct_path: path }));
  }
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":"refused"}');
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
