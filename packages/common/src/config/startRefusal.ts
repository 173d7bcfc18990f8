/**
 * A reason not to start that a person can act on: a bad variable, a busy port, an unfit Redis.
 * Its message is one line that says what was expected, what was found and what to do.
 */
export class StartRefusal extends Error {
  override readonly name = 'StartRefusal';
}
