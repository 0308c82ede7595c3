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

/** A maker of expected failures of one code. */
const ofCode =
  (code: ErrorCode) =>
  (message: string, place?: string, options?: ErrorOptions): PylonError =>
    new PylonError(code, message, place, options)

export const badInput = ofCode('bad-input')
export const badData = ofCode('bad-data')
export const notFound = ofCode('not-found')
export const conflict = ofCode('conflict')
export const unavailable = ofCode('unavailable')

/** The engine went, or cannot be reached, before it answered. That is no answer: the next engine can be asked the same. */
export class EngineGone extends PylonError {
  constructor(message: string) {
    super('unavailable', message)
    this.name = 'EngineGone'
  }
}

/** Thrown where work stops because somebody asked for it. */
export class Cancelled extends PylonError {
  constructor(message = 'Cancelled.') {
    super('cancelled', message)
    this.name = 'Cancelled'
  }
}

/** What the system refused for a reason that its user can mend, by its code. SQLite's extended codes begin with the plain one. */
const SYSTEM_FAILURES: readonly { codes: readonly string[]; message: string }[] = [
  {
    codes: ['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'SQLITE_IOERR_WRITE'],
    message: 'The disk is full: free some space, for example with "pylon trash empty" or "pylon delete RUN --forever".',
  },
  {
    codes: ['EROFS', 'SQLITE_READONLY'],
    message: 'This may only be read, not written: use a place that can be written, or give another --home.',
  },
  {
    codes: ['EACCES', 'EPERM', 'SQLITE_PERM', 'SQLITE_CANTOPEN'],
    message: 'This user may not open it: check the permissions of the file and of the folders above it.',
  },
  {
    codes: ['ENOTDIR', 'ENAMETOOLONG', 'ELOOP'],
    message: 'This path cannot be used: a part of it is no folder, is too long, or links in a circle. Give another.',
  },
  { codes: ['EMFILE', 'ENFILE'], message: 'Too many files are open: close other programs, or raise the limit (ulimit -n).' },
  { codes: ['EIO', 'SQLITE_IOERR'], message: 'The disk does not read or write: check its cable, network or health, then try again.' },
  { codes: ['SQLITE_BUSY'], message: 'Another Pylon is writing to this workspace and did not end in time: try again.' },
  {
    codes: ['SQLITE_CORRUPT', 'SQLITE_NOTADB'],
    message: 'The database is damaged: "pylon doctor --repair" makes it anew from the folders and the daily copies.',
  },
]

/** Of libraries that pass the system's words on without its code, as DuckDB does. */
function codeInWords({ message }: Error): string | null {
  return /No space left on device|Disk quota exceeded/i.test(message) ? 'ENOSPC' : null
}

/** An error of the system (a full disk, missing permissions) as an expected failure with its place and remedy; null for any other. */
export function systemFailure(error: unknown): ErrorShape | null {
  if (!(error instanceof Error)) return null
  const { code = codeInWords(error), path } = error as { code?: unknown; path?: unknown }
  if (typeof code !== 'string') return null
  const explained =
    SYSTEM_FAILURES.find(({ codes }) => codes.includes(code)) ??
    SYSTEM_FAILURES.find(({ codes }) => codes.some((plain) => plain.startsWith('SQLITE_') && code.startsWith(`${plain}_`)))
  if (explained === undefined) return null
  if (typeof path !== 'string') return { code: 'unavailable', message: explained.message }
  return { code: 'unavailable', message: `${path}: ${explained.message}`, place: path }
}

/** Any thrown value as plain data; what is neither a PylonError nor the system's refusal is a bug and keeps its stack. */
export function toErrorShape(error: unknown): ErrorShape {
  if (error instanceof PylonError) {
    return { code: error.code, message: error.message, ...(error.place === undefined ? {} : { place: error.place }) }
  }
  const e = error instanceof Error ? error : new Error(String(error))
  const failure = systemFailure(e)
  if (failure !== null) return failure
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

/** Exit codes of the command line: 0 done, 1 bug (or a check that found a difference), 2 bad input, 3 cancelled. */
export function exitCode(code: ErrorCode): 1 | 2 | 3 {
  return code === 'bug' ? 1 : code === 'cancelled' ? 3 : 2
}
