/** One thing that must not be, and of whom. */
export type Violation = { rule: string; who: string; what: string };
