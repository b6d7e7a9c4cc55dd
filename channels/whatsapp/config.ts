import { z } from 'zod';

const DEFAULT_WS_URL = 'wss://web.whatsapp.com/ws/chat';

/** Configuration of a WhatsApp account. Its credentials come from pairing, not from here. */
export const whatsappConfigSchema = z.strictObject({
  wsUrl: z.url({ protocol: /^wss?$/ }).default(DEFAULT_WS_URL),
  mediaHost: z
    .string()
    .regex(/^[\w.-]+(?::\d{1,5})?$/, 'a host, with a port if need be')
    .optional()
    .describe('Where files are put and fetched; the server names it when absent'),
  caFile: z.string().min(1).optional().describe('PEM file of certificates to trust besides the usual ones'),
  noiseRoot: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'a public key: 64 hex digits')
    .optional()
    .describe('Root of the server’s certificates; only for a test server'),
  readReceipts: z.boolean().default(true).describe('People see that their messages were read'),
  messagesPerSecond: z
    .number()
    .min(0.1)
    .max(100)
    .default(10)
    .describe('How fast answers may leave; fast is what gets numbers looked at'),
  newChatsPerDay: z
    .int()
    .min(0)
    .max(1_000)
    .default(50)
    .describe('People who never wrote to the number and may be written to on one day'),
});

export type WhatsAppConfig = z.output<typeof whatsappConfigSchema>;

/** Settings only the operator may change: where to connect and whom to trust. */
export const OPERATOR_FIELDS = ['wsUrl', 'mediaHost', 'caFile', 'noiseRoot'] as const;

export function isRealServer(config: WhatsAppConfig): boolean {
  return config.wsUrl === DEFAULT_WS_URL;
}
