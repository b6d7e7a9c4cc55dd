const REDACTED = '[redacted]';
/** Error bodies of other services may repeat what people wrote. */
const LONGEST_MESSAGE = 1_000;

/** Fields that may contain sensitive data, at any depth. */
const SECRET_FIELDS = new Set([
  'token',
  'apiKey',
  'api_key',
  'key',
  'password',
  'secret',
  'authorization',
  'config',
  'text',
  'input',
  'argumentText',
]);

/** What looks like a secret within a sentence, and what remains of it. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  // Name and password in an address, and its query.
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s/@]+@/giu, `$1${REDACTED}@`],
  [/\b(https?:\/\/[^\s?#"'<>]+)\?[^\s"'<>)]+/giu, `$1?${REDACTED}`],
  [/(\/(?:webhooks|interactions)\/\d+\/)[\w.-]{20,}/gu, `$1${REDACTED}`],
  [/\b(bearer|basic)\s+[\w.~+/-]{12,}=*/giu, `$1 ${REDACTED}`],
  [
    /((?:token|secret|passw(?:or)?d|api[_-]?key|authorization)["']?\s*[=:]\s*["']?)[^\s"',;&{}]{6,}/giu,
    `$1${REDACTED}`,
  ],
  // Signed tokens, keys that begin as their vendors' do, bot tokens of Telegram and of Discord.
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/gu, REDACTED],
  [/\b(?:[spr]k|gh[pousr]|xox[abeprs]|whsec)[-_][\w-]{12,}/gu, REDACTED],
  [/\b(?:AIza|EAA)[\w-]{20,}/gu, REDACTED],
  [/\bsapa_(?:admin|master)_[\w-]{12,}|\b[A-Za-z\d+/]{43}=/gu, REDACTED],
  [/(?<!\d)\d{6,12}:[\w-]{20,}/gu, REDACTED],
  [/\b[\w-]{23,28}\.[\w-]{6}\.[\w-]{27,}/gu, REDACTED],
  // `JSON.parse` quotes what it could not read.
  [/(?:\.{3})?"[^]{0,80}"(?:\.{3})?(?= is not valid JSON)/gu, REDACTED],
];

/** A copy for the log: sensitive fields and what looks like a secret are replaced, errors described. */
export function redacted(value: unknown, above: readonly object[] = []): unknown {
  if (typeof value === 'string') return withoutSecrets(value);
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value)) return '[circular]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  const within = [...above, value];
  if (value instanceof Error) return describeError(value, within);
  if (Array.isArray(value)) return value.map((each) => redacted(each, within));
  if (hasJson(value)) return redacted(value.toJSON(), within);
  return redactedFields(value, within);
}

export function redactedFields(fields: object, above: readonly object[] = []): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      SECRET_FIELDS.has(name) && value !== undefined ? REDACTED : redacted(value, above),
    ]),
  );
}

/** Such as a `Date` or a `URL`. */
function hasJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

/** The parts of an error an operator needs. */
function describeError(error: Error, within: readonly object[]): Record<string, unknown> {
  const message = withoutSecrets(error.message);
  const isLong = message.length > LONGEST_MESSAGE;
  return {
    name: error.name,
    message: isLong ? `${message.slice(0, LONGEST_MESSAGE)}…` : message,
    ...('kind' in error ? { kind: redacted(error.kind, within) } : {}),
    ...(error.cause === undefined ? {} : { cause: redacted(error.cause, within) }),
    stack: placesIn(error),
  };
}

/** The stack without the message, which it repeats. */
function placesIn({ stack = '' }: Error): string {
  const places = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return places.join('\n');
}

function withoutSecrets(text: string): string {
  return SECRETS.reduce((rest, [secret, replacement]) => rest.replace(secret, replacement), text);
}
