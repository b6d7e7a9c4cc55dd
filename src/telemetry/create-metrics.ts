import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import type { CounterName, Metrics, TimingName } from '../contracts/metrics.js';

const COUNTERS: Record<CounterName, { help: string; labels: readonly string[] }> = {
  sapa_inbound_events_total: {
    help: 'Events from people, by what became of them',
    labels: ['channel', 'outcome'],
  },
  sapa_turns_total: { help: 'Turns answered, by source of the answer', labels: ['source', 'locale'] },
  sapa_bubbles_total: { help: 'Messages of answers, by delivery', labels: ['channel', 'outcome'] },
  sapa_model_calls_total: { help: 'Calls to language models', labels: ['provider', 'outcome'] },
  sapa_http_requests_total: { help: 'HTTP requests', labels: ['method', 'route', 'status'] },
  sapa_dead_letters_total: { help: 'Events given up after their last try', labels: [] },
};

const TIMINGS: Record<TimingName, { help: string; labels: readonly string[] }> = {
  sapa_arrival_seconds: {
    help: 'From the platform’s time of a message to its storage here',
    labels: ['channel'],
  },
  sapa_turn_seconds: { help: 'From taking up a turn to its stored answer', labels: ['source'] },
  sapa_model_seconds: { help: 'Time of one model call', labels: ['provider'] },
  sapa_http_request_seconds: { help: 'Time of one HTTP request', labels: ['method', 'route'] },
};

const BUCKETS_SECONDS = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counters = mapValues(COUNTERS, (name, { help, labels }) => {
    return new Counter({ name, help, labelNames: [...labels], registers });
  });
  const timings = mapValues(TIMINGS, (name, { help, labels }) => {
    return new Histogram({ name, help, labelNames: [...labels], buckets: BUCKETS_SECONDS, registers });
  });
  return {
    count: (name, labels = {}, by = 1) => counters[name].inc({ ...labels }, by),
    observe: (name, seconds, labels = {}) => timings[name].observe({ ...labels }, seconds),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function mapValues<Key extends string, From, To>(
  from: Record<Key, From>,
  make: (key: Key, value: From) => To,
): Record<Key, To> {
  const entries = (Object.keys(from) as Key[]).map((key) => [key, make(key, from[key])] as const);
  return Object.fromEntries(entries) as Record<Key, To>;
}
