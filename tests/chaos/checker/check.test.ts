import { expect, test } from 'vitest';
import { check } from './check.ts';
import { FALSIFIED } from './falsified.ts';
import { addApproved, type GoodRun, goodRun, KILLED_AT, loseOrder, lossyKill } from './goodRun.ts';
import { fullRedis, get, order, unpaid } from './runParts.ts';
import { RULES } from './violation.ts';

// Goal: the checker of the chaos runs has teeth. Method: one good run, falsified in one way each; the rule that is broken
// must be named, and the order or user that it is about.

const found = ({ history, state }: GoodRun) =>
  check(history, state).violations.map(({ rule, who, what }) => `${rule}: ${who}: ${what}`);

test('a good run has no violation', () => {
  const run = goodRun();
  const { violations, answered, lost, delays } = check(run.history, run.state);
  expect({ violations, answered, lost, delays }).toEqual({
    ...{ violations: [], answered: 5, lost: 0 },
    delays: { after: 1, maxMs: 20, maxUpMs: 20 },
  });
});

test.each(FALSIFIED)('caught: $what', ({ make, found: expected }) => {
  const run = goodRun();
  make(run);
  expect(found(run)).toContainEqual(expect.stringMatching(expected));
});

test('every rule is broken by something that no other rule notices', () => {
  const alone = new Set<string>();
  for (const { make } of FALSIFIED) {
    const run = goodRun();
    make(run);
    const [first, ...others] = new Set(check(run.history, run.state).violations.map(({ rule }) => rule));
    if (first && others.length === 0) alone.add(first);
  }
  expect([...alone].sort()).toEqual([...RULES].sort());
});

test('what a lost tail may have taken is counted and no violation', () => {
  const run = goodRun();
  addApproved(run, 6, KILLED_AT - 500);
  run.history.faults.push(lossyKill());
  loseOrder(run, 6);
  expect(found(run)).toEqual([]);
  expect(check(run.history, run.state)).toMatchObject({ lost: 1, lostMsMax: 500 });
});

test('a payment and a settled status of what was lost are no violation, older ones are', () => {
  const run = goodRun();
  run.history.faults.push(lossyKill());
  const [deposit] = get(run.history.payments, 'deposit-1');
  const [read] = run.history.reads;
  const lostAt = (answeredAt: number) => {
    Object.assign(deposit ?? {}, { sentAt: answeredAt - 4, answeredAt });
    Object.assign(read ?? {}, { orderStatus: 'REJECTED DUE TO DEADLINE', answeredAt });
  };
  unpaid(run);
  lostAt(KILLED_AT - 500);
  expect(found(run)).toEqual([]);
  lostAt(KILLED_AT - 1_100);
  expect(found(run)).toEqual([expect.stringMatching(/^conservation: deposit-1/), expect.stringMatching(/^terminal: /)]);
});

test('what settles at maxmemory is counted, and nothing is expected where something else was broken', () => {
  const run = goodRun();
  fullRedis(run);
  order(run, 6).settledAt = order(run, 6).createdAt + 1_500;
  expect(found(run)).toEqual([]);
  expect(check(run.history, run.state).settledFull).toBe(1);
  const other = goodRun();
  fullRedis(other);
  const [{ from, to } = lossyKill()] = other.history.faults;
  other.history.faults.push({ kind: 'fault', name: 'SIGSTOP of a service', detail: 'point', from, to, returnMs: 0 });
  expect(found(other)).toEqual([]);
});

test('an outage explains a late settling, and only as much of it as it lasted', () => {
  const run = goodRun();
  const { deadline } = order(run, 2);
  run.history.faults.push({ ...lossyKill(), from: deadline, to: deadline + 2_000, killed: { at: deadline } });
  order(run, 2).settledAt = deadline + 4_000;
  expect(found(run)).toEqual([]);
  order(run, 2).settledAt = deadline + 4_001;
  expect(found(run)).toEqual([
    'settled in time: order 2: settled 4001 ms after its deadline, of which 1001 ms without an outage',
  ]);
});

test('a stall explains as much of a late settling as it lasted', () => {
  const run = goodRun();
  const { deadline } = order(run, 2);
  order(run, 2).settledAt = deadline + 1_300;
  run.history.stalls.push({ kind: 'stall', of: 'Redis', from: deadline + 100, to: deadline + 400 });
  expect(found(run)).toEqual([]);
  run.history.stalls.pop();
  expect(found(run)).not.toEqual([]);
});
