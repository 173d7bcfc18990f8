import type { Foundation } from 'common/process/foundation';
import { ratesKey } from './keys.ts';

/** What one unit of a currency costs, in millionths of a point; a suspended currency fails every order. */
export type Rate = { currencyId: string; millionths: number; suspended: boolean };

const READ = /^(\d+):([01])$/;

/** Sets a rate in every partition: an order is priced where its holder lives. */
export async function setRate({ connections, partitions }: Foundation, rate: Rate): Promise<void> {
  const stored = `${rate.millionths}:${Number(rate.suspended)}`;
  await Promise.all(partitions.map(({ tag }) => connections.commands.hset(ratesKey(tag), rate.currencyId, stored)));
}

/** Every rate that was set, by currency; one that was not is 1.0. */
export async function listRates({ connections, partitions }: Foundation): Promise<Rate[]> {
  const [first] = partitions;
  const stored = first ? await connections.commands.hgetall(ratesKey(first.tag)) : {};
  return Object.entries(stored)
    .map(([currencyId, text]) => {
      const [, millionths, suspended] = READ.exec(text) ?? [];
      return { currencyId, millionths: Number(millionths), suspended: suspended === '1' };
    })
    .sort((a, b) => (a.currencyId < b.currencyId ? -1 : 1));
}
