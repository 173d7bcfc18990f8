import { expect, test } from 'vitest';
import { readArguments, refuseSwallowed } from './readArguments.ts';

const places = { root: '/repo', cwd: '/somewhere' };
const read = (...argv: string[]) => readArguments(argv, places);

test('without arguments: every service, its own ports, .data of the repository', () => {
  expect(read()).toEqual({
    help: false,
    names: ['order', 'exchange', 'point', 'deadline', 'gateway'],
    chosen: false,
    portOffset: undefined,
    data: '/repo/.data',
    fresh: false,
  });
});

test('named services, in the order of the table', () => {
  expect(read('point', 'order')).toMatchObject({ names: ['order', 'point'], chosen: true });
});

test.each([
  [
    ['--without', 'exchange'],
    ['order', 'point', 'deadline', 'gateway'],
  ],
  [
    ['--without', 'exchange', '--without=gateway'],
    ['order', 'point', 'deadline'],
  ],
  [
    ['--without', 'exchange,point'],
    ['order', 'deadline', 'gateway'],
  ],
])('%j leaves %j', (argv, names) => {
  expect(read(...argv)).toMatchObject({ names, chosen: true });
});

test('the other flags', () => {
  expect(read('--port-offset', '100', '--data', 'here', '--fresh')).toMatchObject({
    portOffset: 100,
    data: '/somewhere/here',
    fresh: true,
  });
  expect(read('--data', '/else').data).toBe('/else');
  expect(read('-h').help).toBe(true);
});

test.each([
  [['exchagne'], "no service 'exchagne'; there are order, exchange, point, deadline, gateway"],
  [['toString'], "no service 'toString'"],
  [['--without', 'banana'], "no service 'banana'"],
  [['order', '--without', 'point'], 'either services to start (order) or --without, not both'],
  [['--without', 'order,exchange,point,deadline,gateway'], '--without leaves no service to start'],
  [['--colour'], "'--colour'"],
  [['--port-offset', 'ten'], "--port-offset must be a whole number from 0 to 57447, got 'ten'"],
  [['--port-offset', '57448'], "got '57448'"],
  [['--port-offset=-1'], "got '-1'"],
  [['--port-offset'], '--port-offset'],
  [['--data'], '--data'],
])('%j is refused in one line that names it', (argv, words) => {
  expect(() => read(...argv)).toThrow(
    expect.objectContaining({ name: 'Refusal', message: expect.stringContaining(words) }),
  );
  expect(() => read(...argv)).toThrow(/^[^\n]+$/);
});

test.each(['without', 'port-offset', 'data', 'fresh'])(
  '--%s that npm took for itself is refused, not passed over',
  (flag) => {
    const taken = { npm_lifecycle_event: 'start', [`npm_config_${flag.replace('-', '_')}`]: 'true' };
    expect(() => refuseSwallowed(taken)).toThrow(`npm start -- --${flag}`);
    // Such a setting of whoever runs something else with npm, which runs this, is no flag of ours.
    refuseSwallowed({ ...taken, npm_lifecycle_event: 'test' });
    refuseSwallowed({ npm_lifecycle_event: 'start', npm_config_loglevel: 'silent' });
  },
);
