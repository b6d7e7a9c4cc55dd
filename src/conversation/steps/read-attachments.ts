import type { ImagePart, MediaPart, ModelChain } from '../../contracts/model.js';
import type { FilePart } from '../../contracts/message.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnState } from '../turn-state.js';
import { filesOf } from './read-input.js';

/** More or larger files do not help a model. */
const MOST_IMAGES = 4;
const LARGEST_IMAGE_BYTES = 5 * 1024 * 1024;
const MOST_PDFS = 2;
const LARGEST_PDF_BYTES = 10 * 1024 * 1024;

/** Magic bytes of the image types models accept; names and declared types prove nothing. */
const BEGINNINGS: readonly (readonly [ImagePart['mediaType'], RegExp])[] = [
  ['image/png', /^\x89PNG\r\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[^]{4}WEBP/],
];
const PDF_BEGINNING = /^%PDF-/;
const UNNAMED_PDF = 'document.pdf';

type Powers = Pick<ModelChain, 'seesImages' | 'readsPdfs'>;

/** Whether a chain of models may read a file itself, by what its sender says it is. */
export function mayRead({ kind, mediaType, fileName = '' }: FilePart, chain: Powers): boolean {
  if (kind === 'image') return chain.seesImages;
  const isPdf = mediaType === 'application/pdf' || /\.pdf$/iu.test(fileName);
  return kind === 'document' && isPdf && chain.readsPdfs;
}

/** The images and PDF files of the turn that the chain accepts. Files that cannot be fetched are left out. */
export async function readAttachments(
  state: TurnState,
  chain: Powers,
  { download, logger }: Pick<ConversationDependencies, 'download' | 'logger'>,
): Promise<readonly MediaPart[]> {
  const attachments = state.events.flatMap((event) =>
    filesOf(event)
      .filter((file) => mayRead(file, chain))
      .map((file) => ({ event, file })),
  );
  const images = attachments.filter(({ file }) => file.kind === 'image').slice(0, MOST_IMAGES);
  const pdfs = attachments.filter(({ file }) => file.kind === 'document').slice(0, MOST_PDFS);
  const parts = await Promise.all(
    [...images, ...pdfs].map(async ({ event, file }) => {
      try {
        return toPart(await download(state.scope, event, file, state.signal), file);
      } catch (error) {
        state.signal.throwIfAborted();
        logger.warn({ error, channel: event.channel }, 'a file for a model could not be fetched');
        return undefined;
      }
    }),
  );
  return parts.filter((part) => part !== undefined);
}

function toPart(data: Uint8Array, { kind, fileName = UNNAMED_PDF }: FilePart): MediaPart | undefined {
  const beginning = Buffer.from(data.subarray(0, 16)).toString('latin1');
  if (kind === 'document') {
    const isReadable = data.length <= LARGEST_PDF_BYTES && PDF_BEGINNING.test(beginning);
    return isReadable ? { type: 'pdf', fileName, data } : undefined;
  }
  const mediaType = BEGINNINGS.find(([, pattern]) => pattern.test(beginning))?.[0];
  return data.length > LARGEST_IMAGE_BYTES || mediaType === undefined
    ? undefined
    : { type: 'image', mediaType, data };
}
