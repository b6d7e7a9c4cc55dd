/** A message that the business sends a person later. */
export interface FollowUp {
  readonly id: string;
  readonly contactId: string;
  readonly conversationId: string;
  readonly channel: string;
  readonly message: string;
  readonly status: 'pending' | 'sent' | 'failed' | 'cancelled';
  /** Why it failed or was cancelled. */
  readonly reason?: string;
  readonly nextRunAt?: Date;
  /** Sent again and again by this line, in `timezone`. */
  readonly cron?: string;
  readonly timezone: string;
  readonly cancelOnReply: boolean;
  /** Moved into the opening hours of the business. */
  readonly respectHours: boolean;
  readonly expiresAt?: Date;
  /** Times it was sent. */
  readonly runs: number;
  /** Tries of the run that is due. */
  readonly attempts: number;
  readonly lastSentAt?: Date;
  /** The turn that carries the newest one. */
  readonly messageId?: string;
  readonly createdAt: Date;
}
