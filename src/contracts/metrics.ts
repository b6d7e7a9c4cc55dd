/** Counters and timings the service keeps about itself, in Prometheus terms. */
export interface Metrics {
  count(name: CounterName, labels?: Readonly<Record<string, string>>, by?: number): void;
  observe(name: TimingName, seconds: number, labels?: Readonly<Record<string, string>>): void;
  /** Prometheus text format and its content type. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export type CounterName =
  /** labels: channel, outcome (accepted, duplicate, ignored, rejected) */
  | 'sapa_inbound_events_total'
  /** labels: source, locale */
  | 'sapa_turns_total'
  /** labels: channel, outcome (sent, failed, in_doubt) */
  | 'sapa_bubbles_total'
  /** labels: provider, outcome (a ModelErrorKind or ok) */
  | 'sapa_model_calls_total'
  /** labels: method, route, status */
  | 'sapa_http_requests_total'
  /** no labels */
  | 'sapa_dead_letters_total';

export type TimingName =
  /** labels: channel */
  | 'sapa_arrival_seconds'
  /** labels: source */
  | 'sapa_turn_seconds'
  /** labels: provider */
  | 'sapa_model_seconds'
  /** labels: method, route */
  | 'sapa_http_request_seconds';
