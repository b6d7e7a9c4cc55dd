import type { ImagePart } from '../../contracts/model.js';
import type { FilePart } from '../../contracts/message.js';
import type { InboxEvent } from '../../contracts/turn.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnState } from '../turn-state.js';

/** More or larger images do not help a model. */
const MOST_IMAGES = 4;
const LARGEST_BYTES = 5 * 1024 * 1024;

/** Magic bytes of the image types models accept; names and declared types prove nothing. */
const BEGINNINGS: readonly (readonly [ImagePart['mediaType'], RegExp])[] = [
  ['image/png', /^\x89PNG\r\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[^]{4}WEBP/],
];

/** The images of the turn, for a model that sees them. Images that cannot be fetched are left out. */
export async function readImages(
  state: TurnState,
  { download, logger }: Pick<ConversationDependencies, 'download' | 'logger'>,
): Promise<readonly ImagePart[]> {
  const images = state.events.flatMap((event) => imagesOf(event).map((file) => ({ event, file })));
  const parts = await Promise.all(
    images.slice(0, MOST_IMAGES).map(async ({ event, file }) => {
      try {
        return toPart(await download(state.scope, event, file, state.signal));
      } catch (error) {
        state.signal.throwIfAborted();
        logger.warn({ error, channel: event.channel }, 'a picture could not be fetched');
        return undefined;
      }
    }),
  );
  return parts.filter((part) => part !== undefined);
}

function imagesOf({ event }: InboxEvent): readonly FilePart[] {
  if (event.type !== 'message') return [];
  return event.parts.filter((part) => part.type === 'file').filter(({ kind }) => kind === 'image');
}

function toPart(data: Uint8Array): ImagePart | undefined {
  if (data.length > LARGEST_BYTES) return undefined;
  const beginning = Buffer.from(data.subarray(0, 16)).toString('latin1');
  const mediaType = BEGINNINGS.find(([, pattern]) => pattern.test(beginning))?.[0];
  return mediaType === undefined ? undefined : { type: 'image', mediaType, data };
}
