import type { BinaryNode } from '@whiskeysockets/baileys';

export type NodeContent = BinaryNode['content'];

/** Builds a stanza; attributes without a value are left out. */
export function node(
  tag: string,
  attrs: Readonly<Record<string, string | undefined>> = {},
  content?: NodeContent,
): BinaryNode {
  const present = Object.entries(attrs).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { tag, attrs: Object.fromEntries(present), ...(content === undefined ? {} : { content }) };
}

export function children(parent: BinaryNode | undefined, tag?: string): readonly BinaryNode[] {
  if (!Array.isArray(parent?.content)) return [];
  return tag === undefined ? parent.content : parent.content.filter((child) => child.tag === tag);
}

export function child(parent: BinaryNode | undefined, tag: string): BinaryNode | undefined {
  return children(parent, tag)[0];
}

export function bytesOf(from: BinaryNode | undefined): Buffer {
  const content = from?.content;
  if (typeof content === 'string') return Buffer.from(content, 'utf8');
  return content instanceof Uint8Array ? Buffer.from(content) : Buffer.alloc(0);
}

export function numberOf(from: BinaryNode | undefined): number {
  return bytesOf(from).reduce((value, byte) => value * 256 + byte, 0);
}

export function bigEndian(value: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  buffer.writeUIntBE(value, 0, length);
  return buffer;
}

export function nowSeconds(): string {
  return String(Math.floor(Date.now() / 1000));
}

export interface Jid {
  readonly user: string;
  readonly device: number;
  readonly server: string;
}

/** Parses `user:device@server`; a person's phone has no device part. */
export function parseJid(jid: string): Jid {
  const [, user = '', device = '0', server = ''] = /^([^:@]*)(?::(\d+))?@(.*)$/.exec(jid) ?? [];
  return { user, device: Number(device), server };
}

export function pnJid(user: string, device = 0): string {
  return `${user}${device === 0 ? '' : `:${device}`}@s.whatsapp.net`;
}

export function lidJid(user: string, device = 0): string {
  return `${user}${device === 0 ? '' : `:${device}`}@lid`;
}
