import type { InProcess } from './inProcess.ts';

export type Item = Record<string, unknown>;

/** Every item of a list, page by page, and how many pages that took. */
export async function everyPage(
  { ask }: Pick<InProcess, 'ask'>,
  path: string,
  limit: number,
): Promise<{ items: Item[]; pages: number }> {
  const items: Item[] = [];
  let cursor = '';
  for (let pages = 1; ; pages += 1) {
    const { body } = await ask('GET', `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor}`);
    const page = body as { items: Item[]; nextCursor: string | null };
    items.push(...page.items);
    if (page.nextCursor === null) return { items, pages };
    cursor = `&cursor=${page.nextCursor}`;
  }
}
