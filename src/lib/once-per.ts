export interface OncePer<Key extends object, Value> {
  (key: Key): Promise<Value>;
  forget(key: Key): void;
}

/**
 * Keeps what `load` gave for an object as long as that object is in use. For a tenant's scope, which
 * is made anew when its configuration changes, that is until the next change.
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
