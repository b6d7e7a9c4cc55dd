/** The store of a folder can not be opened. The message is a sentence for its owner. */
export class UnreadableStoreError extends Error {}
