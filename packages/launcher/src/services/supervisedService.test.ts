import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Ended } from '../redis/runningRedis.ts';
import type { ServiceProcess } from './serviceProcess.ts';
import { SupervisedService, type Supervision } from './supervisedService.ts';

// Goal: every way in which a service starts, dies and is stopped. Method: processes that end when the test says so,
// and a clock that the test moves.

class FakeProcess implements ServiceProcess {
  readonly pid: number;
  readonly signals: string[] = [];
  readonly #end = Promise.withResolvers<Ended>();
  readonly exited = this.#end.promise;
  #alive = true;
  /** Deaf to SIGTERM. */
  stubborn = false;

  constructor(pid: number) {
    this.pid = pid;
  }

  alive(): boolean {
    return this.#alive;
  }

  lastWords(): string[] {
    return [];
  }

  signal(signal: NodeJS.Signals): void {
    this.signals.push(signal);
    if (signal === 'SIGKILL' || !this.stubborn) this.end({ code: null, signal });
  }

  end(how: Ended): void {
    this.#alive = false;
    this.#end.resolve(how);
  }
}

let processes: FakeProcess[];
let said: string[];
let ready: (process: FakeProcess) => Promise<void>;

function supervised(more: Partial<Supervision> = {}): SupervisedService {
  return new SupervisedService({
    spawn() {
      const started = new FakeProcess(processes.length + 1);
      processes.push(started);
      return started;
    },
    untilReady: async () => ready(processes.at(-1) ?? new FakeProcess(0)),
    onChange: () => {},
    say: (message) => said.push(message),
    delaysMs: [100, 200, 400],
    stopTimeoutMs: 1_000,
    ...more,
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  processes = [];
  said = [];
  ready = async () => {};
});
afterEach(() => vi.useRealTimers());

const die = (code: number) => processes.at(-1)?.end({ code, signal: null });

test('a start waits until it is ready', async () => {
  const gate = Promise.withResolvers<void>();
  ready = () => gate.promise;
  const service = supervised();
  const started = service.start();
  expect(service.state).toBe('starting');
  expect(service.pid).toBe(1);
  gate.resolve();
  await started;
  expect(service.state).toBe('up');
});

test('one that dies is started again after a pause, and said so', async () => {
  const service = supervised();
  await service.start();
  die(3);
  await vi.advanceTimersByTimeAsync(99);
  expect(service.state).toBe('restarting');
  expect(service.pid).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(service.state).toBe('up');
  expect(said).toEqual(['ended with exit code 3; starting again in 0.1 s', 'runs again (process 2)']);
});

test('the pauses grow up to the last, and start over once it was steady', async () => {
  const service = supervised();
  await service.start();
  for (const pauseMs of [100, 200, 400, 400]) {
    die(1);
    await vi.advanceTimersByTimeAsync(pauseMs - 1);
    expect(service.state).toBe('restarting');
    await vi.advanceTimersByTimeAsync(1);
    expect(service.state).toBe('up');
  }
  await vi.advanceTimersByTimeAsync(10_001);
  die(1);
  await vi.advanceTimersByTimeAsync(100);
  expect(service.state).toBe('up');
});

test('one that does not come up again is tried on and on', async () => {
  const service = supervised();
  await service.start();
  ready = () => Promise.reject(new Error('port taken'));
  die(1);
  await vi.advanceTimersByTimeAsync(100);
  await vi.advanceTimersByTimeAsync(200);
  expect(processes).toHaveLength(3);
  expect(said.slice(1)).toEqual([
    'did not start: port taken',
    'starting again in 0.2 s',
    'did not start: port taken',
    'starting again in 0.4 s',
  ]);
  ready = async () => {};
  await vi.advanceTimersByTimeAsync(400);
  expect(service.state).toBe('up');
  expect(processes.filter((process) => process.alive())).toHaveLength(1);
});

test('kill is a death like any other', async () => {
  const service = supervised();
  await service.start();
  service.kill();
  await vi.advanceTimersByTimeAsync(0);
  expect(() => service.kill()).toThrow('it does not run');
  await vi.advanceTimersByTimeAsync(100);
  expect(service.state).toBe('up');
  expect(said[0]).toBe('ended with SIGKILL; starting again in 0.1 s');
});

test('a first start that fails leaves it stopped, and nothing starts again', async () => {
  ready = () => Promise.reject(new Error('order: a bad variable'));
  const service = supervised();
  await expect(service.start()).rejects.toThrow('order: a bad variable');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(service.state).toBe('stopped');
  expect(processes).toHaveLength(1);
  expect(processes[0]?.alive()).toBe(false);
});

test('stop ends it by SIGTERM, and it stays stopped until it is started', async () => {
  const service = supervised();
  await service.start();
  await service.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(service.state).toBe('stopped');
  expect(processes[0]?.signals).toEqual(['SIGTERM']);
  expect(processes).toHaveLength(1);
  await service.start();
  expect(service.pid).toBe(2);
});

test('one that is deaf to SIGTERM is killed after the time-out', async () => {
  const service = supervised();
  await service.start();
  if (processes[0] !== undefined) processes[0].stubborn = true;
  const stopped = service.stop();
  await vi.advanceTimersByTimeAsync(999);
  expect(processes[0]?.signals).toEqual(['SIGTERM']);
  await vi.advanceTimersByTimeAsync(1);
  await stopped;
  expect(processes[0]?.signals).toEqual(['SIGTERM', 'SIGKILL']);
});

test('stop in the pause before a restart', async () => {
  const service = supervised();
  await service.start();
  die(1);
  await vi.advanceTimersByTimeAsync(50);
  await service.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(service.state).toBe('stopped');
  expect(processes).toHaveLength(1);
});

test('stop while it starts', async () => {
  ready = (process) => process.exited.then(() => Promise.reject(new Error('ended')));
  const service = supervised();
  const started = service.start();
  const failed = expect(started).rejects.toThrow('ended');
  await service.stop();
  await failed;
  expect(service.state).toBe('stopped');
  expect(processes[0]?.alive()).toBe(false);
});

test('whoever keeps the run file is told of every change', async () => {
  const seen: unknown[] = [];
  const service = supervised({ onChange: () => seen.push([service.state, service.pid]) });
  await service.start();
  die(1);
  await vi.advanceTimersByTimeAsync(100);
  await service.stop();
  expect(seen).toEqual([
    ['starting', 1],
    ['up', 1],
    ['restarting', undefined],
    ['restarting', 2],
    ['up', 2],
    ['stopped', undefined],
  ]);
});
