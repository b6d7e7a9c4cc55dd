import type { MediaPart } from '../contracts/model.js';

/** The form in which every vendor takes a file. */
export interface MediaData {
  readonly mediaType: string;
  readonly base64: string;
}

export function mediaData(part: MediaPart): MediaData {
  const { buffer, byteOffset, byteLength } = part.data;
  return {
    mediaType: part.type === 'pdf' ? 'application/pdf' : part.mediaType,
    base64: Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
  };
}
