/**
 * The three kinds of failure: expected (a code, a place, a remedy), cancelled, or a bug. Everything that crosses a process
 * is one of these; anything else that is thrown is a bug and keeps its stack.
 */

/** The closed list of codes of expected failures. */
export const ERROR_CODES = [
  'bad-input', // a verb's arguments, a config path, a feature that does not fit
  'bad-data', // a row, column or cell of a file
  'not-found', // a file, dataset, run, user or item
  'conflict', // a name that is taken, a run that is still training
  'unavailable', // an executor or addon that does not load here
  'cancelled',
  'bug',
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

/** What of an error crosses a process: plain data. */
export interface ErrorShape {
  readonly code: ErrorCode
  /** One sentence that says what is wrong and what to do. */
  readonly message: string
  /** Where: `ratings.csv:12 column "price"`, or a config path such as `user.features[2].column`. */
  readonly place?: string
  /** Only for bugs: the stack, for the log. */
  readonly stack?: string
}

/** An expected failure: its message names the place and the remedy, and no stack is shown to the user. */
export class PylonError extends Error {
  readonly code: ErrorCode
  readonly place: string | undefined
  constructor(code: ErrorCode, message: string, place?: string, options?: ErrorOptions) {
    super(place === undefined || message.includes(place) ? message : `${place}: ${message}`, options)
    this.name = 'PylonError'
    this.code = code
    this.place = place
  }
}

/** Thrown where work stops because somebody asked for it. */
export class Cancelled extends PylonError {
  constructor(message = 'Cancelled.') {
    super('cancelled', message)
    this.name = 'Cancelled'
  }
}

/** Any thrown value as plain data; what is not a PylonError is a bug and keeps its stack. */
export function toErrorShape(error: unknown): ErrorShape {
  if (error instanceof PylonError) {
    return { code: error.code, message: error.message, ...(error.place === undefined ? {} : { place: error.place }) }
  }
  const e = error instanceof Error ? error : new Error(String(error))
  return { code: 'bug', message: e.message, ...(e.stack === undefined ? {} : { stack: e.stack }) }
}

/** The inverse of {@link toErrorShape} at the other side of a process border. */
export function fromErrorShape(shape: ErrorShape): Error {
  if (shape.code === 'cancelled') return new Cancelled(shape.message)
  if (shape.code === 'bug') {
    const bug = new Error(shape.message)
    if (shape.stack !== undefined) bug.stack = shape.stack
    return bug
  }
  return new PylonError(shape.code, shape.message, shape.place)
}

/** Exit codes of the command line: 0 done, 1 bug, 2 bad input, 3 cancelled. */
export function exitCode(code: ErrorCode): 1 | 2 | 3 {
  return code === 'bug' ? 1 : code === 'cancelled' ? 3 : 2
}
