import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Bounds in seconds for what takes from half a millisecond to half a minute. */
const latencyBucketsS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * A registry of one service, every series labelled with its name, so that several services can live in one process.
 *
 * @param defaults also the metrics of the process (CPU, heap, event loop); once a process is enough
 */
export function createRegistry(service: string, { defaults = true } = {}): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (defaults) collectDefaultMetrics({ register: registry });
  return registry;
}

type Described<Label extends string> = { name: string; help: string; labels?: readonly Label[] };

/** A counter in `registry`; its name ends in `_total`. */
export function counter<Label extends string = never>(
  registry: Registry,
  { name, help, labels = [] }: Described<Label>,
) {
  return new Counter({ name, help, labelNames: labels, registers: [registry] });
}

/** A gauge in `registry`; with `collect` it is asked for its value at each scrape. */
export function gauge<Label extends string = never>(
  registry: Registry,
  { name, help, labels = [], collect }: Described<Label> & { collect?: (this: Gauge<Label>) => void | Promise<void> },
) {
  return new Gauge({ name, help, labelNames: labels, registers: [registry], ...(collect && { collect }) });
}

/** A histogram in `registry`; its name ends in `_seconds` unless it has bounds of its own. */
export function histogram<Label extends string = never>(
  registry: Registry,
  { name, help, labels = [], buckets = latencyBucketsS }: Described<Label> & { buckets?: readonly number[] },
) {
  return new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [registry] });
}

type Observer = { observe(seconds: number): void };

/** Observes by HTTP status; the labelled series of each is looked up once, for that costs more than the observation. */
export function observerByStatus(seriesOf: (status: string) => Observer): (status: number, seconds: number) => void {
  const known = new Map<number, Observer>();
  return (status, seconds) => {
    let series = known.get(status);
    if (!series) {
      series = seriesOf(`${status}`);
      known.set(status, series);
    }
    series.observe(seconds);
  };
}
