/** Every number that bounds what a client may ask of us. */
export interface HttpLimits {
  readonly jsonBytes: number;
  readonly uploadBytes: number;
  /** Of one call of a platform. */
  readonly webhookBytes: number;
  /** Longest wait for the answer to a message; the turn itself goes on. */
  readonly answerTimeoutMs: number;
  readonly heartbeatMs: number;
  /** Requests a second with one key; loopback clients have `loopbackFactor` times as many. */
  readonly keyPerSecond: number;
  /** Wrong or missing keys a minute from one address. */
  readonly failedAuthPerMinute: number;
  readonly visitorChatsPerMinute: number;
  /** All web chat requests of one address. */
  readonly visitorRequestsPerMinute: number;
  readonly loopbackFactor: number;
}

export const DEFAULT_LIMITS: HttpLimits = {
  jsonBytes: 1024 * 1024,
  uploadBytes: 20 * 1024 * 1024,
  // An update of a platform is some kilobytes: files come as references.
  webhookBytes: 1024 * 1024,
  answerTimeoutMs: 120_000,
  // Proxies cut connections that are silent for 30 to 60 s.
  heartbeatMs: 15_000,
  keyPerSecond: 100,
  failedAuthPerMinute: 60,
  // A person types a message every few seconds at most.
  visitorChatsPerMinute: 30,
  // Many visitors may share the address of one office or carrier.
  visitorRequestsPerMinute: 300,
  loopbackFactor: 50,
};
