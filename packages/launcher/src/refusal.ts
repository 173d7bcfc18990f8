/** The launcher cannot do what was asked: its message is the one line that the user reads. */
export class Refusal extends Error {
  override name = 'Refusal';
}

/** The message of anything that was thrown, for a line that people read. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().replaceAll(/\s*\n\s*/g, '; ');
}
