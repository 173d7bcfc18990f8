import { createServer } from 'node:http';

/**
 * Stands in for a service: answers every request with the variables that it was given, and ends when it is told to or
 * when its launcher is gone. STAND_IN_<NAME> makes it misbehave: `refuse` (a bad variable), `crash` (an exception while
 * it starts), `stubborn` (deaf to SIGTERM), `warn` (a warning in its log).
 */
const [, , name = ''] = process.argv;
const { HOST, PORT, REDIS_URL, RUN_FILE, EXPECTED_SERVICES, ORDER_URL } = process.env;
const habit = process.env[`STAND_IN_${name.toUpperCase()}`] ?? '';

if (habit === 'refuse') {
  console.error(`${name}: DEADLINE_MS must be a whole number, got 'soon'`);
  process.exit(1);
}
if (habit === 'crash') throw new TypeError('nothing to stand on');
if (habit === 'warn') console.log(JSON.stringify({ level: 40, msg: 'appendonly is off', err: { message: 'no AOF' } }));

const server = createServer((_request, response) => {
  response.end(JSON.stringify({ name, pid: process.pid, REDIS_URL, RUN_FILE, EXPECTED_SERVICES, ORDER_URL }));
});
server.listen(Number(PORT), HOST, () => console.log(JSON.stringify({ level: 30, msg: 'listening', PORT })));
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => habit !== 'stubborn' && process.exit(0));
