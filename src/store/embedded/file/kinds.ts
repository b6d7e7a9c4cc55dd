/** Kinds of records derived from others, by the first byte of their keys; they are recreated if lost. */
export const DERIVED = { kept: 7, keys: 8, changed: 9, writer: 10 } as const;

/** The record that states the store's format. */
export const FORMAT = 11;

export const isDerived = (key: Uint8Array): boolean => Object.values(DERIVED).some((kind) => kind === key[0]);
