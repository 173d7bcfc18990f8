import { expect, test } from 'vitest';
import { counter, createRegistry, gauge, histogram, observerByStatus } from './metrics.ts';

test('two services in one process keep their own numbers', async () => {
  const [order, point] = [createRegistry('order', { defaults: false }), createRegistry('point', { defaults: false })];
  counter(order, { name: 'events_total', help: 'x', labels: ['type'] }).inc({ type: 'a' });
  counter(point, { name: 'events_total', help: 'x', labels: ['type'] }).inc({ type: 'a' }, 2);
  gauge(order, {
    name: 'pending',
    help: 'x',
    collect() {
      this.set(7);
    },
  });
  expect(await order.metrics()).toContain('events_total{type="a",service="order"} 1');
  expect(await order.metrics()).toContain('pending{service="order"} 7');
  expect(await point.metrics()).toContain('events_total{type="a",service="point"} 2');
  expect(await point.metrics()).not.toContain('pending');
});

test('the metrics of the process are there unless refused', async () => {
  expect(await createRegistry('order').metrics()).toContain('process_cpu_seconds_total{service="order"}');
  expect(await createRegistry('order', { defaults: false }).metrics()).not.toContain('process_cpu');
});

test('observations are kept by status', async () => {
  const registry = createRegistry('order', { defaults: false });
  const seconds = histogram(registry, { name: 'answer_seconds', help: 'x', labels: ['status'], buckets: [0.1, 1] });
  const observe = observerByStatus((status) => seconds.labels(status));
  observe(200, 0.05);
  observe(200, 0.5);
  observe(404, 5);
  const metrics = await registry.metrics();
  expect(metrics).toContain('answer_seconds_bucket{le="0.1",service="order",status="200"} 1');
  expect(metrics).toContain('answer_seconds_count{service="order",status="200"} 2');
  expect(metrics).toContain('answer_seconds_bucket{le="1",service="order",status="404"} 0');
});
