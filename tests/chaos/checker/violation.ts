/** What must hold; each is broken by something that breaks no other. */
export const RULES = [
  'accepted',
  'suffix',
  'once',
  'agreement',
  'index',
  'conservation',
  'deadline',
  'settled in time',
  'settled at maxmemory',
  'drained',
  'dead letters',
  'answers',
  'terminal',
  'no crash',
] as const;

/** One thing that must not be, and of whom. */
export type Violation = { rule: (typeof RULES)[number]; who: string; what: string };
