/** Kinds of records that are made from others, by the first byte of their keys, and made anew when lost. */
export const DERIVED = { kept: 7, keys: 8, changed: 9 } as const;

export const isDerived = (key: Uint8Array): boolean => Object.values(DERIVED).some((kind) => kind === key[0]);
