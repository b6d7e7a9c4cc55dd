import { allItems, type StoredDocument, type TenantScope } from '../contracts/stores.js';

/**
 * A file sent again under the same name replaces the older one once it can be found itself. The last replaced
 * one is kept, so that it can be restored.
 */
export async function replaceOlder(
  scope: TenantScope,
  { id, fileName, createdAt }: StoredDocument,
): Promise<void> {
  if (fileName === undefined) return;
  const { documents } = scope;
  const all = await allItems((page) => documents.list(page));
  const older = all.filter(
    (other) => other.fileName === fileName && other.id !== id && other.createdAt <= createdAt,
  );
  // The list is sorted newest first.
  const last = older.find(({ status }) => status === 'ready');
  for (const other of older.filter((each) => each !== last)) await documents.remove(other.id);
  if (last === undefined) return;
  const [before, now] = await Promise.all([textsOf(scope, last.id), textsOf(scope, id)]);
  const replaced = {
    id: last.id,
    createdAt: last.createdAt,
    added: [...now].filter((text) => !before.has(text)).length,
    removed: [...before].filter((text) => !now.has(text)).length,
  };
  await documents.update(id, { replaced });
  const previous = await documents.superseded(last.id);
  if (previous !== undefined) await documents.remove(previous.id);
  await documents.supersede(last.id, id);
}

async function textsOf({ documents }: TenantScope, id: string): Promise<ReadonlySet<string>> {
  return new Set((await documents.chunks(id)).map(({ headings, text }) => [...headings, text].join('\n')));
}
