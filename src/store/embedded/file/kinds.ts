/** Kinds of records that are made from others, by the first byte of their keys, and made anew when lost. */
export const DERIVED = { kept: 7, keys: 8, changed: 9, writer: 10 } as const;

/** The record that tells how the store is kept. */
export const FORMAT = 11;

export const isDerived = (key: Uint8Array): boolean => Object.values(DERIVED).some((kind) => kind === key[0]);
