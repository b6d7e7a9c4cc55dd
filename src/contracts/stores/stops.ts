/** An answer, by the event it answers. */
export interface AnswerKey {
  readonly tenantId: string;
  readonly eventKey: string;
}

/** Tells whichever process writes an answer that somebody wants it to end. */
export interface StopStore {
  /** Kept for some minutes, for an answer that is begun late or tried again. */
  request(answer: AnswerKey): Promise<void>;
  /** Those of the answers that are to end. */
  requested(answers: readonly AnswerKey[]): Promise<readonly AnswerKey[]>;
}
