import { randomBytes } from 'node:crypto';
import {
  DiscordRefusal,
  invalidForm,
  invalidToken,
  unknownInteraction,
  unknownMessage,
} from './discord-refusal.js';
import type { FakeApp } from './fake-app.js';
import { contentOf, type FormFile } from './message-body.js';
import type { FakeChannel, FakeMessage, FakeUser, Json } from './types.js';
import { scopeOf } from './world.js';

/** The first response must arrive within this time, or the token becomes invalid. */
const ANSWER_WITHIN_MS = 3_000;
const TOKEN_LIFE_MS = 15 * 60_000;

/** 2 command, 3 component, 4 autocomplete, 5 form. */
export type InteractionKind = 2 | 3 | 4 | 5;

/** Allowed types of the first response, by kind. */
const ALLOWED: Readonly<Record<InteractionKind, readonly number[]>> = {
  2: [4, 5, 9],
  3: [4, 5, 6, 7, 9],
  4: [8],
  5: [4, 5, 6, 7],
};
const LOADING = 128;
const EPHEMERAL = 64;

export interface FakeInteraction {
  readonly id: string;
  readonly token: string;
  readonly kind: InteractionKind;
  readonly channel: FakeChannel;
  readonly user: FakeUser;
  /** The message whose button was pressed. */
  readonly source: FakeMessage | undefined;
  readonly createdAt: number;
  /** Type of the first response. */
  answered: number | undefined;
  answeredAfterMs: number | undefined;
  answerData: Json | undefined;
  original: FakeMessage | undefined;
}

/** People's slash commands, presses and forms, and the bot's responses to them. */
export class Interactions {
  readonly all = new Map<string, FakeInteraction>();

  constructor(private readonly app: FakeApp) {}

  /** Starts an interaction; the bot receives it through the gateway or at its endpoint. */
  start(
    kind: InteractionKind,
    channel: FakeChannel,
    user: FakeUser,
    data: Json,
    details: { readonly source?: FakeMessage | undefined; readonly locale?: string } = {},
  ): FakeInteraction {
    const { world } = this.app;
    const interaction: FakeInteraction = {
      id: world.id(),
      token: `aW50ZXJhY3Rpb246${randomBytes(60).toString('base64url')}`,
      kind,
      channel,
      user,
      source: details.source,
      createdAt: world.now(),
      answered: undefined,
      answeredAfterMs: undefined,
      answerData: undefined,
      original: undefined,
    };
    this.all.set(interaction.token, interaction);
    const payload = this.payload(interaction, data, details.locale ?? 'en-US');
    if (this.app.interactionsUrl === undefined)
      this.app.gateway.dispatch('INTERACTION_CREATE', payload, scopeOf(channel));
    else void this.post(interaction, payload, this.app.interactionsUrl);
    return interaction;
  }

  /** Whether the person sees "did not respond". */
  hasFailed(interaction: FakeInteraction): boolean {
    return interaction.answered === undefined && this.ageOf(interaction) > ANSWER_WITHIN_MS;
  }

  answer(
    interaction: FakeInteraction | undefined,
    type: number,
    data: Json,
    files: readonly FormFile[],
  ): FakeMessage | undefined {
    if (interaction === undefined || this.hasFailed(interaction)) throw unknownInteraction();
    if (interaction.answered !== undefined)
      throw new DiscordRefusal(400, 40060, 'Interaction has already been acknowledged.');
    if (!ALLOWED[interaction.kind].includes(type))
      throw invalidForm('type', 'BASE_TYPE_CHOICES', 'Not allowed here.');
    if (type === 7 && interaction.source === undefined)
      throw invalidForm('type', 'BASE_TYPE_CHOICES', 'There is no message.');
    if (type === 8) checkChoices(data);
    if (type === 9) checkModal(data);
    const content = type === 4 ? contentOf(this.app, data, files, { isInteraction: true }) : {};
    interaction.answered = type;
    interaction.answeredAfterMs = this.ageOf(interaction);
    interaction.answerData = data;
    if (type === 4) interaction.original = this.reply(interaction, content);
    if (type === 5) {
      const flags = LOADING | (((data['flags'] as number | undefined) ?? 0) & EPHEMERAL);
      interaction.original = this.reply(interaction, { flags });
    }
    if (type === 6) interaction.original = interaction.source;
    if (type === 7 && interaction.source !== undefined) {
      interaction.original = this.change(interaction.source, data, files);
    }
    return interaction.original;
  }

  /**
   * Looks up the interaction of a token. Throws if the token is unknown or expired, or the interaction has no
   * first response yet.
   */
  withToken(token: string): FakeInteraction {
    const interaction = this.all.get(token);
    if (interaction === undefined || this.ageOf(interaction) > TOKEN_LIFE_MS) throw invalidToken();
    if (interaction.answered === undefined) throw new DiscordRefusal(404, 10015, 'Unknown Webhook');
    return interaction;
  }

  message(interaction: FakeInteraction, id: string): FakeMessage {
    const messageId = id === '@original' ? interaction.original?.id : id;
    const match = messageId === undefined ? undefined : this.app.world.messages.get(messageId);
    if (match === undefined) throw unknownMessage();
    return match;
  }

  followUp(interaction: FakeInteraction, body: Json, files: readonly FormFile[]): FakeMessage {
    const content = contentOf(this.app, body, files, { isInteraction: true });
    return this.reply(interaction, content);
  }

  edit(
    interaction: FakeInteraction,
    message: FakeMessage,
    body: Json,
    files: readonly FormFile[],
  ): FakeMessage {
    const edited = this.change(message, body, files);
    if (interaction.original?.id === message.id) interaction.original = edited;
    return edited;
  }

  remove(interaction: FakeInteraction, message: FakeMessage): void {
    this.app.world.remove(message);
    this.app.journal.change(message.channel_id, message.id, undefined);
    if (interaction.original?.id === message.id) interaction.original = undefined;
  }

  private ageOf({ createdAt }: FakeInteraction): number {
    return this.app.world.now() - createdAt;
  }

  private reply(interaction: FakeInteraction, content: Partial<FakeMessage>): FakeMessage {
    const { world, journal, user } = this.app;
    const isHidden = ((content.flags ?? 0) & EPHEMERAL) !== 0;
    const message = world.post(
      interaction.channel,
      user,
      {
        ...content,
        type: interaction.original === undefined ? 20 : 0,
        webhook_id: this.app.id,
        application_id: this.app.id,
        interaction_metadata: {
          id: interaction.id,
          type: interaction.kind,
          user: interaction.user,
          authorizing_integration_owners: {},
        },
      },
      { isSilent: isHidden },
    );
    journal.show(message);
    return message;
  }

  private change(message: FakeMessage, body: Json, files: readonly FormFile[]): FakeMessage {
    const content = contentOf(this.app, { ...only(message), ...body }, files, {
      isInteraction: true,
    });
    const edited: FakeMessage = {
      ...message,
      ...content,
      flags:
        (((body['flags'] as number | undefined) ?? message.flags) & ~LOADING) | (message.flags & EPHEMERAL),
      edited_timestamp: new Date(this.app.world.now()).toISOString(),
    };
    this.app.world.replace(edited);
    this.app.journal.change(edited.channel_id, edited.id, edited);
    return edited;
  }

  private payload(interaction: FakeInteraction, data: Json, locale: string): Json {
    const { channel, user, id, token, kind, source } = interaction;
    const { world } = this.app;
    const person =
      channel.guildId === undefined
        ? { user }
        : {
            guild_id: channel.guildId,
            guild_locale: 'en-US',
            guild: { id: channel.guildId, features: [], locale: 'en-US' },
            member: { ...world.memberData(user), user, permissions: '2222085186637376' },
          };
    return {
      id,
      application_id: this.app.id,
      type: kind,
      token,
      version: 1,
      data,
      channel_id: channel.id,
      channel: { ...world.channelData(channel), permissions: '2222085186637376' },
      app_permissions: '2222085186637376',
      locale,
      entitlements: [],
      authorizing_integration_owners: channel.guildId === undefined ? { 1: user.id } : { 0: channel.guildId },
      context: channel.guildId === undefined ? 1 : 0,
      attachment_size_limit: 10_485_760,
      ...person,
      ...(source === undefined ? {} : { message: source }),
    };
  }

  /** Posts to the application's endpoint; the HTTP response is the first response. */
  private async post(interaction: FakeInteraction, payload: Json, url: string): Promise<void> {
    const body = JSON.stringify(payload);
    const { journal } = this.app;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: this.app.signed(body),
        body,
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      journal.gateway.push({
        op: -1,
        d: { url, status: response.status },
        at: Date.now(),
        applicationId: this.app.id,
      });
      if (!response.ok) return;
      const answer = (await response.json()) as { type: number; data?: Json };
      this.answer(interaction, answer.type, answer.data ?? {}, []);
    } catch (error) {
      journal.gateway.push({
        op: -1,
        d: { url, error: String(error) },
        at: Date.now(),
        applicationId: this.app.id,
      });
    }
  }
}

function only({ content, components, attachments }: FakeMessage): Json {
  return { content, components, attachments };
}

function checkChoices(data: Json): void {
  const choices = data['choices'];
  if (!Array.isArray(choices) || choices.length > 25)
    throw invalidForm('data.choices', 'BASE_TYPE_BAD_LENGTH', 'Must be 25 or fewer in length.');
  for (const choice of choices as { name?: unknown; value?: unknown }[]) {
    const { name } = choice;
    if (typeof name !== 'string' || name.length < 1 || name.length > 100)
      throw invalidForm(
        'data.choices.0.name',
        'BASE_TYPE_BAD_LENGTH',
        'Must be between 1 and 100 in length.',
      );
  }
}

function checkModal(data: Json): void {
  const { title, custom_id: customId, components } = data;
  if (typeof title !== 'string' || title.length < 1 || title.length > 45)
    throw invalidForm('data.title', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 45 in length.');
  if (typeof customId !== 'string' || customId.length > 100)
    throw invalidForm('data.custom_id', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 100 in length.');
  const rows = (components ?? []) as { components?: Json[] }[];
  if (rows.length < 1 || rows.length > 5)
    throw invalidForm('data.components', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 5 in length.');
  for (const [index, row] of rows.entries()) checkInput(row.components ?? [], `data.components.${index}`);
}

function checkInput([input, ...more]: readonly Json[], place: string): void {
  if (input === undefined || more.length > 0 || input['type'] !== 4)
    throw invalidForm(place, 'BASE_TYPE_CHOICES', 'Must be one text input.');
  const { label, value = '', max_length: most = 4_000 } = input;
  if (typeof label !== 'string' || label.length < 1 || label.length > 45)
    throw invalidForm(`${place}.label`, 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 45 in length.');
  if (typeof most !== 'number' || most < 1 || most > 4_000)
    throw invalidForm(`${place}.max_length`, 'NUMBER_TYPE_MAX', 'Must be between 1 and 4000.');
  if (typeof value !== 'string' || value.length > most)
    throw invalidForm(`${place}.value`, 'BASE_TYPE_BAD_LENGTH', `Must be ${most} or fewer in length.`);
}
