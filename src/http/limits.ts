/** Every limit on what a client may ask of us. */
export interface HttpLimits {
  readonly jsonBytes: number;
  readonly uploadBytes: number;
  /** For a single webhook call. */
  readonly webhookBytes: number;
  /** The longest wait for an answer; the turn itself continues afterwards. */
  readonly answerTimeoutMs: number;
  readonly heartbeatMs: number;
  /** Requests per second for one key; loopback clients get `loopbackFactor` times as many. */
  readonly keyPerSecond: number;
  /** Wrong or missing keys per minute from one address. */
  readonly failedAuthPerMinute: number;
  readonly visitorChatsPerMinute: number;
  /** All web chat requests of one address. */
  readonly visitorRequestsPerMinute: number;
  readonly loopbackFactor: number;
}

export const DEFAULT_LIMITS: HttpLimits = {
  jsonBytes: 1024 * 1024,
  uploadBytes: 20 * 1024 * 1024,
  // Platform updates are a few kilobytes: they carry files as references.
  webhookBytes: 1024 * 1024,
  answerTimeoutMs: 120_000,
  // Proxies cut connections that are silent for 30 to 60 s.
  heartbeatMs: 15_000,
  keyPerSecond: 100,
  failedAuthPerMinute: 60,
  // A person types a message every few seconds at most.
  visitorChatsPerMinute: 30,
  // Many visitors can share the address of an office or a carrier.
  visitorRequestsPerMinute: 300,
  loopbackFactor: 50,
};
