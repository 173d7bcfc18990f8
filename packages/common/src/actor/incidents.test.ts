import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { actorMetrics } from './actorMetrics.ts';
import { Incidents } from './incidents.ts';

// Goal: what is shown to people is what is wrong: each once, no more than they can read, counted as shown. Method: pure.
const made = () => {
  const metrics = actorMetrics(new Registry(), 'exchange');
  const shown = async () => (await metrics.incidents.get()).values[0]?.value;
  return { incidents: new Incidents(metrics, 'exchange'), shown };
};
const incident = (partition: string, eventId: string, attempts = 5) => ({
  ...{ partition, eventId, eventType: 'OrderRejected', orderId: '1', attempts, cause: 'it fails' },
});

test('an entry that fails again is one incident, with its latest attempt', async () => {
  const { incidents, shown } = made();
  incidents.raise(incident('0', '1-1', 5));
  incidents.raise(incident('0', '1-1', 6));
  expect(incidents.list()).toEqual([incident('0', '1-1', 6)]);
  expect(await shown()).toBe(1);
});

test("ids are a partition's own: two of the same are two incidents", async () => {
  const { incidents, shown } = made();
  incidents.raise(incident('0', '1-1'));
  incidents.raise(incident('7', '1-1'));
  expect(await shown()).toBe(2);
  incidents.clear('0', '1-1');
  expect(incidents.list()).toEqual([incident('7', '1-1')]);
  expect(incidents.eventIdsOf('0')).toEqual([]);
  expect(incidents.eventIdsOf('7')).toEqual(['1-1']);
  expect(await shown()).toBe(1);
});

test('a hundred at most', () => {
  const { incidents } = made();
  for (let i = 0; i <= 100; i++) incidents.raise(incident('0', `1-${i}`));
  expect(incidents.list()).toHaveLength(100);
});
