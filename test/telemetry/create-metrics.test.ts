import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/telemetry/index.js';

describe('metrics', () => {
  it('are rendered in the Prometheus format', async () => {
    const metrics = createMetrics();
    metrics.count('sapa_turns_total', { source: 'faq', locale: 'id' });
    metrics.count('sapa_turns_total', { source: 'faq', locale: 'id' }, 2);
    metrics.count('sapa_dead_letters_total');
    metrics.observe('sapa_turn_seconds', 0.04, { source: 'faq' });
    const { contentType, text } = await metrics.render();
    expect(contentType).toContain('text/plain');
    expect(text).toContain('sapa_turns_total{source="faq",locale="id"} 3');
    expect(text).toContain('sapa_dead_letters_total 1');
    expect(text).toContain('sapa_turn_seconds_bucket{le="0.05",source="faq"} 1');
    expect(text).toContain('sapa_turn_seconds_bucket{le="0.02",source="faq"} 0');
    expect(text).toContain('process_resident_memory_bytes');
  });

  it('refuse an undeclared label', () => {
    const metrics = createMetrics();
    expect(() => metrics.count('sapa_turns_total', { user: '42' })).toThrow(/label/);
  });

  it('of two services in one process are separate', async () => {
    const [one, two] = [createMetrics(), createMetrics()];
    one.count('sapa_dead_letters_total');
    expect((await two.render()).text).not.toContain('sapa_dead_letters_total 1');
  });
});
