/** Errors as HTTP answers: a status, and a body of one shape. */
import { toErrorShape } from '../../contract/errors.ts'
import { BUSY } from './request-queue.ts'

/** A failure with a status of its own. */
export class HttpError extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>
  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

const STATUS: Readonly<Record<string, number>> = {
  'bad-input': 400,
  'bad-data': 400,
  'not-found': 404,
  conflict: 409,
  unavailable: 503,
  bug: 500,
  cancelled: 503,
}

export interface Failure {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** for the log; the client learns no more than that there is a bug */
  readonly bug: string | null
}

const bodyOf = (code: string, message: string, place: string | null = null): string => JSON.stringify({ error: { code, message, place } })

const RETRY = { 'retry-after': '1' }
const HEADERS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { 'www-authenticate': 'Bearer' },
  413: { connection: 'close' },
  503: RETRY,
}
/** Ready made: to refuse has to be cheap. */
const REFUSAL: Failure = { status: 503, code: 'busy', headers: RETRY, body: bodyOf('busy', BUSY.message), bug: null }

/** @param error anything that was thrown while a request was answered */
export function failureOf(error: unknown): Failure {
  if (error === BUSY) return REFUSAL
  if (error instanceof HttpError) {
    const { status, code, message, headers } = error
    return { status, code, headers: { ...HEADERS[status], ...headers }, body: bodyOf(code, message), bug: null }
  }
  const { code, message, place, stack } = toErrorShape(error)
  const status = STATUS[code] ?? 500
  if (status === 500)
    return { status, code, headers: {}, body: bodyOf(code, 'A bug of the server; its log has more.'), bug: stack ?? message }
  return { status, code, headers: HEADERS[status] ?? {}, body: bodyOf(code, message, place), bug: null }
}
