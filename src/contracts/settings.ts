import { z } from 'zod';
import { LOCALES } from './message.js';

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

const time = z.string().regex(TIME, 'must be a time like 09:00');

const openingHours = z
  .strictObject({
    open: time.describe('Local time, HH:MM'),
    close: time.describe('Local time, HH:MM; later than `open`'),
  })
  .refine(({ open, close }) => open < close, {
    path: ['close'],
    // A span that ends before it begins would never be open.
    message: 'must be later than open; what goes past midnight is 23:59 and the next day from 00:00',
  });

const MOST_DATES = 200;

/** Public holidays of a country, as provided by a library, and the business's corrections. */
const publicHolidaysSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('The business is closed on them'),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'a country code like ID')
    .optional()
    .describe('That of the business when absent'),
  region: z.string().max(20).optional().describe('A part of the country with holidays of its own, like BY'),
  corrections: z
    .array(
      z.strictObject({
        date: z.iso.date(),
        closed: z.boolean().describe('`false`: open as on other days of its weekday'),
        name: z.string().max(100).optional(),
      }),
    )
    .max(MOST_DATES)
    .default([]),
  days: z
    .array(
      z.strictObject({
        date: z.iso.date(),
        name: z.strictObject({ en: z.string(), id: z.string() }),
        also: z.string().optional(),
      }),
    )
    .default([])
    .describe('Filled in by Sapa: this year and the next'),
  days_of: z.string().default('').describe('What `days` were filled in for'),
});

/** Several spans per day; a missing day is closed. */
export const businessHoursSchema = z.strictObject({
  days: z.partialRecord(z.enum(WEEKDAYS), z.array(openingHours).max(4)).default({}),
  holidays: z
    .array(z.strictObject({ date: z.iso.date(), name: z.string().max(100) }))
    .max(100)
    .default([])
    .describe('Dates on which it is closed'),
  exceptions: z
    .array(
      z.strictObject({
        date: z.iso.date(),
        name: z.string().max(100).optional(),
        spans: z.array(openingHours).max(4).describe('Empty: closed'),
      }),
    )
    .max(MOST_DATES)
    .default([])
    .describe('Dates with hours of their own'),
  public_holidays: publicHolidaysSchema.nullable().default(null),
  closed_text: z
    .partialRecord(z.enum(LOCALES), z.string().trim().min(1).max(500))
    .default({})
    .describe(
      'Said, by language, to who asks for a person while it is closed; absent: a sentence with the hours',
    ),
});

/** Local times during which the bot sends nothing unprompted; spans midnight if `from` is later. */
const quietHoursSchema = z
  .strictObject({
    from: time.describe('Local time, HH:MM'),
    to: time.describe('Local time, HH:MM; earlier than `from` means in the morning after'),
  })
  .refine(({ from, to }) => from !== to, {
    path: ['to'],
    message: 'must differ from `from`; `null` is no quiet hours',
  });

const recipient = z.strictObject({ channel: z.string().max(40), user_id: z.string().max(120) });

const news = {
  at: time.describe('Local time, HH:MM'),
  to: z
    .array(recipient)
    .max(50)
    .default([])
    .describe('Which members of staff, by their id on the channel; all of them when empty'),
  locale: z.enum(LOCALES).optional().describe('Its language; that of each chat when absent'),
};

/** News that staff receive in their chats with the bot. `null`: none. */
const reportsSchema = z.strictObject({
  daily: z.strictObject(news).nullable().default(null).describe('Every day, of the day before'),
  weekly: z
    .strictObject({ day: z.enum(WEEKDAYS).default('mon'), ...news })
    .nullable()
    .default(null)
    .describe('Every week, of the week before'),
  alerts: z
    .boolean()
    .default(false)
    .describe('When a day is out of line with the weeks before: few messages, many failures, high cost'),
});

/** Maximum lengths, in characters. */
export const TEXT_LIMITS = { persona: 4_000, sop: 20_000 } as const;

export const AGENT_TEMPLATES = ['sales', 'support', 'analyst'] as const;

/** A custom field the business keeps for each contact. */
const contactFieldSchema = z
  .strictObject({
    name: z.string().regex(/^[^$.\p{Cc}\uFFFD][^.\p{Cc}\uFFFD]{0,63}$/u, 'is not a usable name'),
    type: z.enum(['text', 'number', 'date', 'choice']),
    choices: z.array(z.string().trim().min(1).max(100)).min(1).max(50).optional(),
    internal: z.boolean().optional().describe('For staff alone: no model is told it'),
  })
  .refine(({ type, choices }) => (type === 'choice') === (choices !== undefined), {
    path: ['choices'],
    message: 'go with the type choice, and with no other',
  });

const agentSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'lower-case letters, digits, - and _, at most 32')
    .describe('What `/agent` calls it'),
  template: z.enum(AGENT_TEMPLATES).optional().describe('A way to start from; its own fields win'),
  persona: z.string().max(4000).optional(),
  sop: z.string().max(20_000).optional(),
  tone: z.enum(['friendly', 'neutral', 'formal']).optional(),
  chain: z
    .array(z.string().regex(/^[a-z0-9_-]+(:.+)?$/))
    .max(10)
    .optional()
    .describe('Its models, instead of `models.chain`'),
  tools: z.array(z.string().max(64)).max(100).optional().describe('Tools it may use; all when absent'),
  channels: z.array(z.string().max(40)).max(20).optional().describe('Answers on these channels'),
  keywords: z
    .array(z.string().trim().min(1).max(60))
    .max(50)
    .optional()
    .describe('Answers messages with one of these words'),
  intents: z
    .array(z.string().trim().min(1).max(200))
    .max(50)
    .optional()
    .describe('Answers messages that the model of `intents` takes for one of these'),
});

const intentsSchema = z.strictObject({
  model: z.string().min(1).max(200).describe('Name of a model of texts'),
  at_least: z.number().min(0).max(1).default(0.7).describe('How sure it must be'),
  familiar_at_least: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('How familiar it must be to the model; 0.04 leaves out 4 in 100 messages that do belong'),
  answers: z
    .array(
      z.strictObject({
        intent: z.string().trim().min(1).max(200).describe('A class of the model'),
        text: z.string().trim().min(1).max(4000).describe('What is said then, as it is written'),
      }),
    )
    .max(100)
    .default([]),
});

export type AgentSettings = z.output<typeof agentSchema>;

/**
 * What a business configures about its bot. Snake case because this is the JSON its admin reads and writes
 * (`/v1/tenants/{id}/settings`); it is stored unchanged.
 */
export const tenantSettingsSchema = z.strictObject({
  name: z.string().trim().min(1).max(120).describe('Name of the business'),
  persona: z.string().max(TEXT_LIMITS.persona).default('').describe('Who the bot is and how it speaks'),
  sop: z.string().max(TEXT_LIMITS.sop).default('').describe('Rules of work, in the words of the business'),
  business_hours: businessHoursSchema.default({
    days: {},
    holidays: [],
    exceptions: [],
    public_holidays: null,
    closed_text: {},
  }),
  quiet_hours: quietHoursSchema
    .nullable()
    .default(null)
    .describe('When nothing is sent that nobody asked for: follow-ups and sequences wait for the end of it'),
  history_days: z
    .int()
    .min(0)
    .max(36_500)
    // Platforms resend a message for days if they believe we missed it.
    .refine((days) => days === 0 || days >= 7, '0, or at least 7')
    .default(730)
    .describe('What was said longer ago is forgotten, once a night; 0 keeps everything'),
  timezone: z.string().refine(isTimeZone, 'not an IANA time zone').default('Asia/Jakarta'),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'a country code like ID')
    .default('ID')
    .describe('ISO 3166 code: how a national telephone number is read'),
  locale: z.enum(LOCALES).default('en').describe('Language when the person gives no hint'),
  tone: z.enum(['friendly', 'neutral', 'formal']).default('friendly'),
  models: z
    .strictObject({
      chain: z
        .array(z.string().regex(/^[a-z0-9_-]+(:.+)?$/))
        .max(10)
        .default([])
        .describe('`provider:model`, in order; empty means the chain of the service'),
      allowed: z
        .array(z.string().regex(/^[a-z0-9_-]+(:.+)?$/))
        .max(50)
        .default([])
        .describe('What `chain` may name, set by the operator; empty means all models of the service'),
      helper: z
        .array(z.string().regex(/^[a-z0-9_-]+(:.+)?$/))
        .max(10)
        .default([])
        .describe(
          'Cheap models for what nobody reads: summaries, questions made ready for search; empty: `chain`',
        ),
      max_output_tokens: z.int().min(16).max(16_000).default(1000),
      temperature: z.number().min(0).max(2).optional(),
      effort: z
        .enum(['low', 'medium', 'high'])
        .optional()
        .describe('Of models that think before they answer'),
      max_turn_micros: z
        .int()
        .positive()
        .optional()
        .describe('Most that one answer may cost, in micro-units; no limit when absent'),
    })
    .default({ chain: [], allowed: [], helper: [], max_output_tokens: 1000 }),
  knowledge: z
    .strictObject({
      only_documents: z.boolean().default(false).describe('Never answer without a source'),
      top_k: z.int().min(1).max(20).default(5),
      prompt_tokens: z
        .int()
        .min(500)
        .max(100_000)
        .default(8_000)
        .describe('What a model is told of the knowledge; all of it, where all of it fits'),
      rerank: z
        .enum(['none', 'helper'])
        .optional()
        .describe('`helper`: a cheap model puts what was found in order, where not all is told'),
    })
    .default({ only_documents: false, top_k: 5, prompt_tokens: 8_000 }),
  bubbles: z
    .strictObject({
      max_chars: z.int().min(100).max(4000).default(1200),
      max_count: z.int().min(1).max(20).default(8),
      pause_ms: z.int().min(0).max(5000).default(600).describe('Longest pause between two bubbles'),
    })
    .default({ max_chars: 1200, max_count: 8, pause_ms: 600 }),
  bursts: z
    .strictObject({
      quiet_ms: z.int().min(0).max(10_000).default(700),
      max_wait_ms: z.int().min(0).max(30_000).default(4000),
    })
    .default({ quiet_ms: 700, max_wait_ms: 4000 }),
  answer_within_hours: z
    .number()
    .min(0.25)
    .max(24)
    .default(24)
    .describe(
      'What the platform kept for longer than this while the service was away is stored, not answered',
    ),
  agents: z
    .array(agentSchema)
    .max(20)
    .default([])
    .describe('Others than the bot itself who may answer, each with its own way; the first that fits does'),
  intents: intentsSchema
    .nullable()
    .default(null)
    .describe('A model of the business’s own that reads each message: it chooses an answer, or an agent'),
  contact_fields: z
    .array(contactFieldSchema)
    .max(100)
    .default([])
    .describe('Fields of contacts and what they hold; other fields take any text'),
  allowed_link_hosts: z
    .array(z.string().max(253))
    .max(200)
    .default([])
    .describe('Hosts the bot may link to, besides those in its knowledge and in the person’s message'),
  staff: z
    .array(z.strictObject({ channel: z.string().max(40), user_id: z.string().max(120) }))
    .max(500)
    .default([])
    .describe('Who may use staff commands, by the immutable id on the channel'),
  reports: reportsSchema
    .default({ daily: null, weekly: null, alerts: false })
    .describe('News that staff get by themselves'),
  handover: z
    .strictObject({
      wait_minutes: z.int().min(1).max(1440).default(15).describe('Until the bot says that nobody was free'),
      return_minutes: z
        .int()
        .min(1)
        .max(10_080)
        .default(60)
        .describe('After the last word of staff, until the bot answers again'),
      inbox: z
        .strictObject({
          channel: z.string().max(40),
          account_id: z.string().max(200),
          chat_id: z.string().max(200),
        })
        .optional()
        .describe('A chat of staff in which each hand-over gets a thread of its own'),
    })
    .default({ wait_minutes: 15, return_minutes: 60 }),
  hosts: z
    .array(z.string().max(253))
    .max(20)
    .default([])
    .describe('Host headers that mean this business, for the widget and `/workspaces/`; set by the operator'),
});

export type TenantSettings = z.output<typeof tenantSettingsSchema>;
export type TenantSettingsInput = z.input<typeof tenantSettingsSchema>;
export type ReportSettings = z.output<typeof reportsSchema>;
export type QuietHours = z.output<typeof quietHoursSchema>;
export type BusinessHours = z.output<typeof businessHoursSchema>;
export type PublicHolidays = z.output<typeof publicHolidaysSchema>;
export type Weekday = (typeof WEEKDAYS)[number];
export { WEEKDAYS };
