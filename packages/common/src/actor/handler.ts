import type { SagaEvent } from 'common/events/sagaEvent';

/** Work outside Redis for one event: what it returns is handed to the transition as `prepared`. */
export type Handler = (event: SagaEvent, signal: AbortSignal) => Promise<string>;
