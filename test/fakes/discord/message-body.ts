import { DiscordRefusal, invalidForm } from './discord-refusal.js';
import type { FakeApp } from './fake-app.js';
import type { FakeAttachment, FakeMessage, FakeRow, Json } from './types.js';

export interface FormFile {
  /** The n in `files[n]`. */
  readonly index: number;
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

const MAX_CONTENT = 2_000;
const MAX_FILE_BYTES = 10 * 1024 * 1024;
const MAX_NONCE = 25;
/** Flags a bot may set: no embeds, hidden (interactions only), silent, voice message. */
const FLAGS = { suppressEmbeds: 4, ephemeral: 64, silent: 4_096, voice: 8_192 };

/** The message content of a valid body. Throws the refusal that Discord would send. */
export function contentOf(
  app: FakeApp,
  body: Json,
  files: readonly FormFile[],
  { isInteraction = false } = {},
): Partial<FakeMessage> {
  const content = textOf(body['content']);
  const components = rowsOf(body['components']);
  const existing = Array.isArray(body['attachments']) ? (body['attachments'] as FakeAttachment[]) : [];
  const attachments = [
    ...existing.filter(({ url }) => typeof url === 'string'),
    ...files.map((file) => attach(app, file, existing)),
  ];
  if (content === '' && attachments.length === 0 && components.length === 0)
    throw new DiscordRefusal(400, 50006, 'Cannot send an empty message');
  const flags = (body['flags'] as number | undefined) ?? 0;
  if ((flags & ~Object.values(FLAGS).reduce((all, flag) => all | flag, 0)) !== 0)
    throw invalidForm('flags', 'BASE_TYPE_CHOICES', 'Unknown flags.');
  if ((flags & FLAGS.ephemeral) !== 0 && !isInteraction)
    throw invalidForm('flags', 'BASE_TYPE_CHOICES', 'Not here.');
  checkNonce(body['nonce']);
  checkMentions(body['allowed_mentions']);
  return {
    content,
    components,
    attachments,
    flags,
    ...(body['nonce'] === undefined ? {} : { nonce: body['nonce'] as string }),
  };
}

/** Trims the text, as Discord does. */
function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string')
    throw invalidForm('content', 'STRING_TYPE_CONVERT', 'Could not interpret as string.');
  if (/\p{Cs}/u.test(value)) throw new DiscordRefusal(400, 50109, 'The request body contains invalid JSON.');
  if ([...value].length > MAX_CONTENT)
    throw invalidForm('content', 'BASE_TYPE_MAX_LENGTH', `Must be ${MAX_CONTENT} or fewer in length.`);
  return value.trim();
}

function attach(app: FakeApp, file: FormFile, described: readonly Json[]): FakeAttachment {
  if (file.bytes.byteLength > MAX_FILE_BYTES)
    throw new DiscordRefusal(413, 40005, 'Request entity too large');
  const description = described.find(({ id, url }) => url === undefined && String(id) === String(file.index));
  const name = (description?.['filename'] as string | undefined) ?? file.name;
  return app.world.attachment(app.world.addFile(file.bytes, name, file.type));
}

function checkNonce(nonce: unknown): void {
  if (nonce === undefined || nonce === null || Number.isInteger(nonce)) return;
  if (typeof nonce !== 'string' || nonce.length > MAX_NONCE)
    throw invalidForm('nonce', 'NONCE_TYPE_TOO_LONG', `Must be ${MAX_NONCE} or fewer in length.`);
}

const PARSED = ['users', 'roles', 'everyone'];

function checkMentions(allowed: unknown): void {
  if (allowed === undefined || allowed === null) return;
  const {
    parse = [],
    users = [],
    roles = [],
  } = allowed as { parse?: string[]; users?: string[]; roles?: string[] };
  if (parse.some((kind) => !PARSED.includes(kind)))
    throw invalidForm('allowed_mentions.parse.0', 'BASE_TYPE_CHOICES', 'Unknown kind.');
  if ((parse.includes('users') && users.length > 0) || (parse.includes('roles') && roles.length > 0))
    throw invalidForm('allowed_mentions', 'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE', 'Mutually exclusive.');
  if (users.length > 100 || roles.length > 100)
    throw invalidForm('allowed_mentions.users', 'BASE_TYPE_MAX_LENGTH', 'Must be 100 or fewer in length.');
}

function rowsOf(value: unknown): readonly FakeRow[] {
  if (value === undefined || value === null) return [];
  const rows = value as FakeRow[];
  if (rows.length > 5)
    throw invalidForm('components', 'BASE_TYPE_BAD_LENGTH', 'Must be between 0 and 5 in length.');
  const ids = new Set<string>();
  for (const [index, row] of rows.entries()) {
    const place = `components.${index}.components`;
    if (row.type !== 1) throw invalidForm(`components.${index}.type`, 'BASE_TYPE_CHOICES', 'Must be a row.');
    const isButtons = row.components.every(({ type }) => type === 2);
    if (row.components.length < 1 || row.components.length > (isButtons ? 5 : 1))
      throw invalidForm(place, 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 5 in length.');
    for (const component of row.components) {
      if (component.type === 2) checkButton(component, place);
      else checkSelect(component, place);
      const id = component.custom_id;
      if (id === undefined) continue;
      if (ids.has(id))
        throw invalidForm(`${place}.0.custom_id`, 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Duplicated.');
      ids.add(id);
    }
  }
  return rows;
}

function checkButton(button: Json, place: string): void {
  const { label, custom_id: customId, style, url } = button;
  if (typeof style !== 'number' || style < 1 || style > 6)
    throw invalidForm(`${place}.0.style`, 'BASE_TYPE_CHOICES', 'Unknown style.');
  if (typeof label !== 'string' || label.length === 0 || label.length > 80)
    throw invalidForm(`${place}.0.label`, 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 80 in length.');
  if (style === 5 ? typeof url !== 'string' : !isCustomId(customId))
    throw invalidForm(`${place}.0.custom_id`, 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 100 in length.');
}

function checkSelect(select: Json, place: string): void {
  const { options, custom_id: customId, type } = select;
  if (type !== 3 || !isCustomId(customId))
    throw invalidForm(`${place}.0`, 'BASE_TYPE_CHOICES', 'Not a select.');
  const list = options as { label?: string; value?: string; description?: string }[] | undefined;
  if (list === undefined || list.length < 1 || list.length > 25)
    throw invalidForm(`${place}.0.options`, 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 25 in length.');
  const tooLong = list.some(
    ({ label = '', value = '' }) =>
      label.length < 1 || label.length > 100 || value.length < 1 || value.length > 100,
  );
  if (tooLong)
    throw invalidForm(`${place}.0.options.0`, 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 100.');
  if (new Set(list.map(({ value }) => value)).size !== list.length)
    throw invalidForm(`${place}.0.options`, 'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED', 'Duplicated.');
}

function isCustomId(value: unknown): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= 100;
}

/** The people whose devices the message notifies. Without `allowed_mentions`, everybody it mentions. */
export function pingedBy(
  app: FakeApp,
  message: FakeMessage,
  body: Json,
  repliedTo: FakeMessage | undefined,
): readonly string[] {
  const allowed = body['allowed_mentions'] as
    { parse?: string[]; users?: string[]; roles?: string[]; replied_user?: boolean } | undefined;
  const may = (kind: string): boolean => allowed === undefined || (allowed.parse ?? []).includes(kind);
  const users = app.world
    .mentionsIn(message.content)
    .map(({ id }) => id)
    .filter((id) => may('users') || (allowed?.users ?? []).includes(id));
  const roles = Array.from(message.content.matchAll(/<@&(\d+)>/g), ([, id = '']) => `role ${id}`).filter(
    (role) => may('roles') || (allowed?.roles ?? []).includes(role.slice(5)),
  );
  const everyone = may('everyone') && /@(everyone|here)/.test(message.content) ? ['everyone'] : [];
  const repliesPing = allowed === undefined ? true : allowed.replied_user === true;
  const replied = repliedTo !== undefined && repliesPing ? [repliedTo.author.id] : [];
  return [...users, ...roles, ...everyone, ...replied];
}
