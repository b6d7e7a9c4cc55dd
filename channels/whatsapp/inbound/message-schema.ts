import { z } from 'zod';

const text = z.string().nullish();
const bytes = z.instanceof(Uint8Array).nullish();

const keySchema = z.object({
  id: text,
  remoteJid: text,
  participant: text,
  fromMe: z.boolean().nullish(),
});

const contextSchema = z
  .object({
    stanzaId: text,
    participant: text,
    quotedMessage: z.unknown().optional(),
    mentionedJid: z.array(z.string()).nullish(),
    expiration: z.number().nullish(),
  })
  .nullish();

const mediaSchema = z
  .object({
    url: text,
    directPath: text,
    mediaKey: bytes,
    fileSha256: bytes,
    fileEncSha256: bytes,
    fileLength: z.number().nullish(),
    mimetype: text,
    fileName: text,
    caption: text,
    ptt: z.boolean().nullish(),
    seconds: z.number().nullish(),
    contextInfo: contextSchema,
  })
  .nullish();

const locationSchema = z
  .object({
    degreesLatitude: z.number().nullish(),
    degreesLongitude: z.number().nullish(),
    name: text,
    address: text,
    caption: text,
    contextInfo: contextSchema,
  })
  .nullish();

const cardSchema = z.object({ displayName: text, vcard: text, contextInfo: contextSchema });

/** A card of the catalogue; the amount is in thousandths of the currency. */
const productSchema = z
  .object({
    product: z
      .object({ title: text, description: text, currencyCode: text, priceAmount1000: z.number().nullish() })
      .nullish(),
    body: text,
    contextInfo: contextSchema,
  })
  .nullish();

const orderSchema = z
  .object({
    orderTitle: text,
    message: text,
    totalCurrencyCode: text,
    totalAmount1000: z.number().nullish(),
    contextInfo: contextSchema,
  })
  .nullish();

const pollSchema = z
  .object({
    name: text,
    options: z.array(z.object({ optionName: text })).nullish(),
    contextInfo: contextSchema,
  })
  .nullish();

/** A message's content without its wrappers; only the fields we use. */
export const contentSchema = z.object({
  conversation: text,
  extendedTextMessage: z.object({ text, contextInfo: contextSchema }).nullish(),
  imageMessage: mediaSchema,
  videoMessage: mediaSchema,
  ptvMessage: mediaSchema,
  audioMessage: mediaSchema,
  documentMessage: mediaSchema,
  stickerMessage: mediaSchema,
  locationMessage: locationSchema,
  liveLocationMessage: locationSchema,
  contactMessage: cardSchema.nullish(),
  contactsArrayMessage: z
    .object({ contacts: z.array(cardSchema).nullish(), contextInfo: contextSchema })
    .nullish(),
  pollCreationMessage: pollSchema,
  pollCreationMessageV2: pollSchema,
  pollCreationMessageV3: pollSchema,
  pollCreationMessageV5: pollSchema,
  productMessage: productSchema,
  orderMessage: orderSchema,
  eventMessage: z.object({ name: text, description: text, contextInfo: contextSchema }).nullish(),
  groupInviteMessage: z.object({ groupName: text, caption: text, contextInfo: contextSchema }).nullish(),
  buttonsMessage: z.object({ contentText: text, contextInfo: contextSchema }).nullish(),
  listMessage: z.object({ title: text, description: text, contextInfo: contextSchema }).nullish(),
  interactiveMessage: z.object({ body: z.object({ text }).nullish(), contextInfo: contextSchema }).nullish(),
  templateMessage: z
    .object({
      hydratedTemplate: z.object({ hydratedTitleText: text, hydratedContentText: text }).nullish(),
      contextInfo: contextSchema,
    })
    .nullish(),
  buttonsResponseMessage: z
    .object({ selectedButtonId: text, selectedDisplayText: text, contextInfo: contextSchema })
    .nullish(),
  listResponseMessage: z.object({ title: text, contextInfo: contextSchema }).nullish(),
  templateButtonReplyMessage: z
    .object({ selectedId: text, selectedDisplayText: text, contextInfo: contextSchema })
    .nullish(),
  interactiveResponseMessage: z
    .object({ body: z.object({ text }).nullish(), contextInfo: contextSchema })
    .nullish(),
  reactionMessage: z.object({ key: keySchema.nullish(), text }).nullish(),
  protocolMessage: z
    .object({
      type: z.number().nullish(),
      key: keySchema.nullish(),
      editedMessage: z.unknown().optional(),
      ephemeralExpiration: z.number().nullish(),
    })
    .nullish(),
  messageContextInfo: z
    .object({
      messageAssociation: z.object({ parentMessageKey: keySchema.nullish() }).nullish(),
    })
    .nullish(),
});

export type Content = z.output<typeof contentSchema>;
export type MediaContent = NonNullable<z.output<typeof mediaSchema>>;
export type ContextInfo = NonNullable<z.output<typeof contextSchema>>;

/** A message as the connection passes it on: the library's own form, plus the resolved ids. */
export const updateSchema = z.object({
  message: z.object({
    key: z.object({
      id: z.string().min(1),
      remoteJid: z.string().min(1),
      participant: text,
      fromMe: z.boolean().nullish(),
      isViewOnce: z.boolean().nullish(),
    }),
    message: z.unknown().optional(),
    messageTimestamp: z.number().int().min(0).max(8_640_000_000_000).nullish(),
    messageStubType: z.number().nullish(),
    pushName: text,
  }),
  /** Grows in the order in which the server delivers. */
  arrival: z.int().min(0),
  receivedAt: z.int().min(0).max(8_640_000_000_000_000),
  /** WhatsApp stored the message while nobody was connected. */
  wasKept: z.boolean().optional(),
  /** Sapa's ids of the chat and the sender; absent if no person or group is behind the address. */
  chatId: z.string().min(1).nullish(),
  senderId: z.string().min(1).nullish(),
  me: z.object({ pn: z.string().optional(), lid: z.string().optional() }),
});

export type WhatsAppUpdate = z.output<typeof updateSchema>;

/** Messages that only wrap another message. */
const WRAPPERS = [
  'ephemeralMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
  'editedMessage',
  'deviceSentMessage',
  'groupMentionedMessage',
  'lottieStickerMessage',
  'associatedChildMessage',
  'botInvokeMessage',
  'pollCreationMessageV4',
] as const;

/** Genuine messages are not nested deeper; malicious ones may be. */
const MAX_DEPTH = 8;

const wrapperSchema = z.object({ message: z.record(z.string(), z.unknown()) });

/** Removes a message's wrappers; `undefined` if nothing we know is inside. */
export function unwrap(message: unknown): Content | undefined {
  let inner = z.record(z.string(), z.unknown()).safeParse(message).data;
  let context: unknown;
  for (let depth = 0; depth < MAX_DEPTH && inner !== undefined; depth++) {
    const outer: Readonly<Record<string, unknown>> = inner;
    context ??= outer.messageContextInfo ?? undefined;
    const wrapped = WRAPPERS.map((name) => wrapperSchema.safeParse(outer[name]).data?.message).find(Boolean);
    if (wrapped === undefined) {
      return contentSchema.safeParse(
        context === undefined ? outer : { ...outer, messageContextInfo: context },
      ).data;
    }
    inner = wrapped;
  }
  return undefined;
}
