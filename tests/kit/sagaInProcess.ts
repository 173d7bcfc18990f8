import { retryKey } from 'common/events/keys';
import { createDeadlineService } from 'deadline/service';
import { createExchangeService } from 'exchange/service';
import { createGatewayService } from 'gateway/service';
import { Redis } from 'ioredis';
import { createOrderService } from 'order/service';
import { createPointService } from 'point/service';
import { type InProcess, startInProcess } from './inProcess.ts';
import { startTestRedis } from './redis.ts';
import { until } from './until.ts';

/**
 * All services and the gateway in the test's own process, on a Redis of their own. Call stop() in afterAll.
 *
 * @param env variables of all of them, such as DEADLINE_MS
 * @param prepare what is put into Redis before they start
 */
export async function startSagaInProcess(env: NodeJS.ProcessEnv = {}, prepare?: (redis: Redis) => Promise<void>) {
  const server = await startTestRedis();
  const redis = new Redis(server.url, { protocol: 2 });
  await prepare?.(redis);
  const variables = { REDIS_URL: server.url, ...env };
  const [order, exchange, point, deadline, gateway] = await Promise.all([
    startInProcess('order', createOrderService, variables),
    startInProcess('exchange', createExchangeService, variables),
    startInProcess('point', createPointService, variables),
    startInProcess('deadline', createDeadlineService, variables),
    startInProcess('gateway', createGatewayService, variables),
  ]);
  const services = { order, exchange, point, deadline, gateway };
  await until('the gateway to see Redis', async () => (await gateway.ask('GET', '/events')).status === 200);

  return {
    ...{ server, redis, ...services },
    async placeOrder(holderId: string, amount: number): Promise<number> {
      const { body } = await order.ask('POST', '/orders', { body: { holderId, currencyId: '1', amount } });
      return (body as { id: number }).id;
    },
    async statusOf(orderId: number): Promise<string> {
      return ((await order.ask('GET', `/orders/${orderId}`)).body as { status: string }).status;
    },
    /** Lets every retry of a group that waits be due at once: its next heartbeat finds them. */
    async hurryRetries(group: string, tag = '0'): Promise<void> {
      for (const id of await redis.zrange(retryKey(tag, group), '0', '-1')) {
        await redis.zadd(retryKey(tag, group), 'XX', '0', id);
      }
    },
    async stop(): Promise<void> {
      await Promise.all(Object.values(services).map((service: InProcess) => service.stop()));
      redis.disconnect();
      await server.stop();
    },
  };
}
