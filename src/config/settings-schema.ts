import { z } from 'zod';
import { LOCALES } from '../contracts/message.js';

const text = z.string().trim().min(1);
const flag = z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1');
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);
const url = z.url({ protocol: /^https?$/ }).transform((value) => value.replace(/\/+$/, ''));
/** As browsers send it in `Origin`: no path, no trailing slash. */
const origins = list.pipe(
  z.array(
    z
      .string()
      .refine((value) => value === '*' || z.url({ protocol: /^https?$/ }).safeParse(value).success, {
        message: 'must be * or an origin like https://shop.example',
      })
      .transform((value) => (value === '*' || !URL.canParse(value) ? value : new URL(value).origin)),
  ),
);
const ROLES = ['gateway', 'worker', 'api'] as const;
const roles = list.pipe(z.array(z.enum(ROLES)).min(1));

const MASTER_KEY_BYTES = 32;
const masterKey = z
  .base64()
  .refine((value) => Buffer.from(value, 'base64').length === MASTER_KEY_BYTES, 'must be 32 bytes in base64')
  .transform((value) => new Uint8Array(Buffer.from(value, 'base64')));

const llmServer = z.strictObject({
  name: z.string().regex(/^[a-z0-9_-]+$/, 'lower-case letters, digits, - and _'),
  base_url: url,
  api_key: text.optional(),
  model: text.optional(),
  context_tokens: z.int().positive().optional(),
  tools: z.boolean().optional(),
  images: z.boolean().optional(),
  pdfs: z.boolean().optional(),
  api: z.enum(['chat', 'responses']).optional(),
});

const json = z.string().transform((value, context): unknown => {
  try {
    return JSON.parse(value);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not valid JSON' });
    return z.NEVER;
  }
});

const fields = z.object({
  HOST: text.default('127.0.0.1'),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a number from 0 to 65535')
    .transform(Number)
    .refine((port) => port <= 65_535, 'must be a number from 0 to 65535')
    .default(8000),
  DATA_DIR: text.default('./data'),
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'must begin with mongodb:// or mongodb+srv://')
    .optional(),
  STORE_BACKUPS: z
    .string()
    .regex(/^\d{1,3}$/, 'must be a number from 0 to 999')
    .transform(Number)
    .default(3),
  STORE_MEMORY_MB: z
    .string()
    .regex(/^\d{2,6}$/, 'must be a number from 10 to 999999')
    .transform(Number)
    .default(512),
  ROLES: roles.default([...ROLES]),
  API_KEY: text.min(16, 'must have at least 16 characters').optional(),
  SAPA_MASTER_KEY: masterKey.optional(),
  CORS_ORIGINS: origins.default([]),
  PUBLIC_URL: url.optional(),
  /** How many trusted proxies are in front of the service; the client's address is the one before them. */
  TRUST_PROXY: z
    .string()
    .regex(/^(true|false|\d{1,2})$/, 'must be true, false or the number of proxies')
    .transform((value) => (value === 'true' ? 1 : value === 'false' ? 0 : Number(value)))
    .default(0),
  /** Hosts and networks that may be called although they are not public. */
  OUTBOUND_ALLOW: list
    .pipe(z.array(z.union([z.hostname(), z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])))
    .default([]),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  LOG_FORMAT: z.enum(['pretty', 'json']).default('pretty'),
  DEFAULT_LOCALE: z.enum(LOCALES).default('en'),
  SEED_DEMO: flag.default(true),

  OPENAI_API_KEY: text.optional(),
  OPENAI_BASE_URL: url.optional(),
  ANTHROPIC_API_KEY: text.optional(),
  ANTHROPIC_BASE_URL: url.optional(),
  GEMINI_API_KEY: text.optional(),
  GEMINI_BASE_URL: url.optional(),
  LLM_CHAIN: list.optional(),
  LLM_MODELS_FILE: text.optional(),
  LLM_PRICES: text.optional(),
  TRANSCRIPTION_MODEL: text.optional(),
  LLM_TENANT_MODELS: list.optional(),
  LLM_SERVERS: json.pipe(z.array(llmServer)).default([]),
  EMBEDDING_PROVIDER: z.enum(['auto', 'openai', 'gemini', 'local', 'builtin', 'none']).default('auto'),
  EMBEDDING_MODEL_NAME: text.optional(),
  KNOWLEDGE_SEARCH: z.enum(['auto', 'server', 'process']).default('auto'),
  MODELS_DIR: text.optional(),
  MODELS_DOWNLOAD: flag.default(false),

  TELEGRAM_BOT_TOKEN: z
    .string()
    .regex(/^\d+:[\w-]{10,}$/, 'does not look like a token from @BotFather')
    .optional(),
  TELEGRAM_API_ROOT: url.optional(),
  TELEGRAM_MODE: z.enum(['polling', 'webhook']).default('polling'),
  WHATSAPP_ENABLED: flag.default(false),
  WHATSAPP_WS_URL: z.url({ protocol: /^wss?$/ }).optional(),
  WHATSAPP_MEDIA_HOST: z
    .string()
    .regex(/^[\w.-]+(?::\d{1,5})?$/, 'must be a host, with a port if need be')
    .optional(),
  WHATSAPP_CA_FILE: text.optional(),
  WHATSAPP_NOISE_ROOT: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'must be a public key of 64 hex digits')
    .optional(),
  DISCORD_TOKEN: text.optional(),
  DISCORD_API_BASE: url.optional(),
  DISCORD_PUBLIC_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits')
    .optional(),
  DISCORD_MODE: z.enum(['gateway', 'http']).default('gateway'),
  /** After how many seconds without its connection staff are told that a channel is out of reach. */
  OUTAGE_NOTICE_SECONDS: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'must be a number from 1 to 99999')
    .transform(Number)
    .default(120),

  /** Only for crash tests: where the process kills itself, `point` or `point:nth`. */
  SAPA_CRASH_AT: text.optional(),
});

/** Runs the check even if there are other problems, so that all are reported at once. */
const always = (): boolean => true;

/** All settings of INTERFACE with their defaults. An empty variable counts as unset. */
export const settingsSchema = fields
  .refine(({ TELEGRAM_MODE, PUBLIC_URL }) => TELEGRAM_MODE !== 'webhook' || PUBLIC_URL !== undefined, {
    path: ['PUBLIC_URL'],
    message: 'is needed with TELEGRAM_MODE=webhook: it is where Telegram calls the service',
    when: always,
  })
  .refine(({ DISCORD_MODE, PUBLIC_URL }) => DISCORD_MODE !== 'http' || PUBLIC_URL !== undefined, {
    path: ['PUBLIC_URL'],
    message: 'is needed with DISCORD_MODE=http: it is where Discord calls the service',
    when: always,
  })
  .refine(
    ({ DISCORD_MODE, DISCORD_PUBLIC_KEY }) => DISCORD_MODE !== 'http' || DISCORD_PUBLIC_KEY !== undefined,
    {
      path: ['DISCORD_PUBLIC_KEY'],
      message: 'is needed with DISCORD_MODE=http: it proves that a call is from Discord',
      when: always,
    },
  )
  .refine(({ EMBEDDING_PROVIDER, OPENAI_API_KEY }) => EMBEDDING_PROVIDER !== 'openai' || !!OPENAI_API_KEY, {
    path: ['OPENAI_API_KEY'],
    message: 'is needed with EMBEDDING_PROVIDER=openai',
    when: always,
  })
  .refine(({ EMBEDDING_PROVIDER, GEMINI_API_KEY }) => EMBEDDING_PROVIDER !== 'gemini' || !!GEMINI_API_KEY, {
    path: ['GEMINI_API_KEY'],
    message: 'is needed with EMBEDDING_PROVIDER=gemini',
    when: always,
  });

export type Settings = z.output<typeof settingsSchema>;
