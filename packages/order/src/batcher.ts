/**
 * Collects what is asked for while a call is under way, and asks for all of it in the next call (as databases do with
 * their commits). One that comes alone waits for nothing; under load calls are few and large, and never more than one
 * is under way.
 */
export class Batcher<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>;
  readonly #countMax: number;
  #waiting: { item: Item; answer: PromiseWithResolvers<Result> }[] = [];
  #running = false;

  /**
   * @param run makes one call; answers for each item, in their order, or throws for all of them
   * @param countMax items of one call
   */
  constructor(run: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>, countMax: number) {
    this.#run = run;
    this.#countMax = countMax;
  }

  /** @throws what the item was answered with, or the error of its call */
  ask(item: Item): Promise<Result> {
    const answer = Promise.withResolvers<Result>();
    this.#waiting.push({ item, answer });
    if (!this.#running) void this.#runAll();
    return answer.promise;
  }

  async #runAll(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, this.#countMax);
      this.#waiting = this.#waiting.slice(this.#countMax);
      try {
        const results = await this.#run(batch.map(({ item }) => item));
        batch.forEach(({ answer }, i) => {
          const result = results[i] ?? new Error('an item of a batch was not answered');
          if (result instanceof Error) answer.reject(result);
          else answer.resolve(result);
        });
      } catch (error) {
        for (const { answer } of batch) answer.reject(error);
      }
    }
    this.#running = false;
  }
}
