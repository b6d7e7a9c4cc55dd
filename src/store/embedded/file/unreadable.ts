/** The store of a folder cannot be opened. The message is a sentence for its owner. */
export class UnreadableStoreError extends Error {}
