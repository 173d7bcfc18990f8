import { Refusal, reasonOf } from '../refusal.ts';
import { ask } from './ask.ts';
import { withoutPassword } from './fromUrl.ts';

/** @throws Refusal when nothing answers at the URL that REDIS_URL names */
export async function requireAnswer(url: string): Promise<void> {
  try {
    await ask(url, ['PING'], 3_000);
  } catch (error) {
    throw new Refusal(`no Redis answers at REDIS_URL ${withoutPassword(url)}: ${reasonOf(error)}`);
  }
}
