/** Something that runs beside the actor: a sweep, a worker, a tail. */
export type Background = { start(): Promise<void>; stop(): Promise<void> };
