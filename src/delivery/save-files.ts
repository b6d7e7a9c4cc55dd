import type { Connected } from '../contracts/chat.js';
import type { TurnOutput } from '../contracts/run-turn.js';
import type { TenantScope } from '../contracts/stores.js';
import type { StoredFile } from '../contracts/turn.js';
import { fileKindOf } from '../lib/file-kind.js';

/** Files are stored before the answer that refers to them. */
export function saveFiles(
  files: NonNullable<TurnOutput['files']>,
  { channel }: Connected,
  scope: TenantScope,
): Promise<readonly StoredFile[]> {
  const { files: carriesFiles, fileLimit, delivery } = channel.capabilities;
  const sendable = files.filter(
    ({ bytes }) => delivery === 'response' || (carriesFiles && bytes.byteLength <= fileLimit),
  );
  return Promise.all(
    sendable.map(({ name, mediaType, bytes }) =>
      scope.files.save({ kind: fileKindOf(mediaType), fileName: name, mediaType, bytes }),
    ),
  );
}
