import type {
  ContactPart,
  FileKind,
  FilePart,
  LocationPart,
  MessagePart,
} from '../../../src/contracts/message.js';
import { toReference, type MediaType } from '../media-reference.js';
import type { Content, ContextInfo, MediaContent } from './message-schema.js';

/** The text of a message and everything attached to it. */
export function partsOf(content: Content): readonly MessagePart[] {
  const text = textOf(content);
  const others = [...filesOf(content), ...locationsOf(content), ...cardsOf(content), ...pollsOf(content)];
  return text.trim() === '' ? others : [{ type: 'text', text }, ...others];
}

export function textOf(content: Content): string {
  const { buttonsResponseMessage, listResponseMessage, templateButtonReplyMessage } = content;
  return (
    content.conversation ??
    content.extendedTextMessage?.text ??
    mediaOf(content)?.media.caption ??
    content.liveLocationMessage?.caption ??
    buttonsResponseMessage?.selectedDisplayText ??
    listResponseMessage?.title ??
    templateButtonReplyMessage?.selectedDisplayText ??
    content.interactiveResponseMessage?.body?.text ??
    cardTextOf(content)
  );
}

/** Catalogue items, orders, invitations and what businesses send are shown as cards; this is their text. */
function cardTextOf(content: Content): string {
  const { productMessage, orderMessage, eventMessage, groupInviteMessage, templateMessage } = content;
  const { buttonsMessage, listMessage, interactiveMessage } = content;
  const { product } = productMessage ?? {};
  const template = templateMessage?.hydratedTemplate;
  const amount = (currency?: string | null, thousandths?: number | null): string =>
    typeof thousandths === 'number' ? `${currency ?? ''} ${thousandths / 1000}`.trim() : '';
  return [
    product?.title,
    product?.description,
    amount(product?.currencyCode, product?.priceAmount1000),
    productMessage?.body,
    orderMessage?.orderTitle,
    amount(orderMessage?.totalCurrencyCode, orderMessage?.totalAmount1000),
    orderMessage?.message,
    eventMessage?.name,
    eventMessage?.description,
    groupInviteMessage?.groupName,
    groupInviteMessage?.caption,
    template?.hydratedTitleText,
    template?.hydratedContentText,
    buttonsMessage?.contentText,
    listMessage?.title,
    listMessage?.description,
    interactiveMessage?.body?.text,
  ]
    .filter(Boolean)
    .join('\n');
}

/** What the message replies to and whom it mentions; each kind of content keeps this in its own field. */
export function contextOf(content: Content): ContextInfo | undefined {
  for (const value of Object.values(content)) {
    if (typeof value === 'object' && value !== null && 'contextInfo' in value && value.contextInfo) {
      return value.contextInfo;
    }
  }
  return undefined;
}

export function filesOf(content: Content): readonly FilePart[] {
  const file = mediaOf(content);
  if (file === undefined) return [];
  const { kind, type, media } = file;
  const reference = toReference(type, media);
  // Without its key nobody can read the file.
  if (reference === undefined) return [];
  return [
    {
      type: 'file',
      kind,
      reference,
      ...(media.fileName ? { fileName: media.fileName } : {}),
      ...(media.mimetype ? { mediaType: media.mimetype } : {}),
      ...(typeof media.fileLength === 'number' ? { sizeBytes: media.fileLength } : {}),
      ...(typeof media.seconds === 'number' && media.seconds > 0 ? { durationSeconds: media.seconds } : {}),
    },
  ];
}

interface ReceivedMedia {
  readonly kind: FileKind;
  readonly type: MediaType;
  readonly media: MediaContent;
}

function mediaOf(content: Content): ReceivedMedia | undefined {
  const { imageMessage, videoMessage, ptvMessage, audioMessage, documentMessage, stickerMessage } = content;
  if (imageMessage) return { kind: 'image', type: 'image', media: imageMessage };
  if (videoMessage) return { kind: 'video', type: 'video', media: videoMessage };
  if (ptvMessage) return { kind: 'video', type: 'video', media: ptvMessage };
  if (audioMessage) return { kind: audioMessage.ptt ? 'voice' : 'audio', type: 'audio', media: audioMessage };
  if (documentMessage) return { kind: 'document', type: 'document', media: documentMessage };
  if (stickerMessage) return { kind: 'sticker', type: 'image', media: stickerMessage };
  return undefined;
}

function locationsOf({ locationMessage, liveLocationMessage }: Content): readonly LocationPart[] {
  const place = locationMessage ?? liveLocationMessage;
  if (typeof place?.degreesLatitude !== 'number' || typeof place.degreesLongitude !== 'number') return [];
  return [
    {
      type: 'location',
      latitude: place.degreesLatitude,
      longitude: place.degreesLongitude,
      ...(place.name ? { name: place.name } : {}),
      ...(place.address ? { address: place.address } : {}),
    },
  ];
}

function cardsOf({ contactMessage, contactsArrayMessage }: Content): readonly ContactPart[] {
  const cards = contactMessage ? [contactMessage] : (contactsArrayMessage?.contacts ?? []);
  return cards.map(({ displayName, vcard }) => ({
    type: 'contact',
    name: displayName ?? '',
    phones: phonesIn(vcard ?? ''),
  }));
}

/** For example `TEL;type=CELL;waid=6281...:+62 812-...` */
function phonesIn(vcard: string): readonly string[] {
  return [...vcard.matchAll(/^(?:item\d+\.)?TEL[^:\r\n]*:([^\r\n]+)/gim)].map(([, phone = '']) =>
    phone.trim(),
  );
}

function pollsOf(content: Content): readonly MessagePart[] {
  const poll =
    content.pollCreationMessage ??
    content.pollCreationMessageV2 ??
    content.pollCreationMessageV3 ??
    content.pollCreationMessageV5;
  if (!poll?.name) return [];
  const options = (poll.options ?? []).flatMap(({ optionName }) => optionName ?? []);
  return [{ type: 'poll', question: poll.name, options }];
}
