export interface OncePer<Key extends object, Value> {
  (key: Key): Promise<Value>;
  forget(key: Key): void;
}

/**
 * Caches what `load` returned for an object for as long as the object is in use. A tenant's scope is replaced
 * when its configuration changes, so its values last until the next change.
 */
export function oncePer<Key extends object, Value>(load: (key: Key) => Promise<Value>): OncePer<Key, Value> {
  const cache = new WeakMap<Key, Promise<Value>>();
  const read = (key: Key): Promise<Value> => {
    const existing = cache.get(key);
    if (existing !== undefined) return existing;
    const loading = load(key);
    cache.set(key, loading);
    loading.catch(() => cache.delete(key));
    return loading;
  };
  return Object.assign(read, { forget: (key: Key) => void cache.delete(key) });
}
