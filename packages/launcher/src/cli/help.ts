import { serviceNames } from '../services/serviceNames.ts';

/** What --help prints. */
export const help = `Usage: npm start [-- SERVICE... | --without SERVICE] [options]

Starts a Redis and every service, each as a process of its own, and keeps them running.

  SERVICE              start only these: ${serviceNames.join(' ')}
  --without SERVICE    start all but this one (repeatable); 'start SERVICE' starts it later
  --port-offset N      add N to every port
  --data DIR           Redis' data, logs and run.json (default .data)
  --fresh              forget what an earlier run left in that folder
  --help               this text

Redis is the one at REDIS_URL, else an installed redis-server or valkey-server (7.0 or later), else one in Docker,
else a private copy of the distribution's package. Other variables (DEADLINE_MS, LOG_LEVEL, ...) go to the services.

While it runs, type a line:  stop S   start S   kill S (SIGKILL; it comes back)   status   quit

A second launcher with the same --data joins the first: 'npm start -- exchange' runs exchange on the first one's Redis
and ports. The first owns Redis: when it ends, those that joined end too. Each stops and starts only its own services.
`;
