/** The body of a request, or the query of its address: read within its limits, parsed, and checked against the schema of its route. */
import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { badInput } from '../../contract/errors.ts'
import { HttpError } from './failure.ts'
import type { Route } from './routes.ts'

/** Levels of lists and objects: no request needs more, and code that goes down a value by calling itself must not run out of stack. */
const DEEPEST = 16

/**
 * The whole body as text. What is beyond the limit is read and thrown away, so that the answer arrives; then the connection is closed.
 * @throws HttpError 413, at once where the length is announced; 400 where the connection ends before the body does
 */
export function readBody(request: IncomingMessage, limit: number): Promise<string> {
  const tooLong = (): HttpError => new HttpError(413, 'too-long', `A body may have ${limit} bytes.`)
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLong())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let isWhole = false
    const broken = (): void => {
      if (!isWhole) reject(new HttpError(400, 'bad-input', 'The body did not arrive whole.')) // an error costs its stack
    }
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else reject(tooLong())
    })
    request.once('end', () => {
      isWhole = true
      resolve(Buffer.concat(chunks).toString('utf8'))
    })
    request.once('error', broken)
    request.once('close', broken) // after `end` this is heard too
  })
}

/** @throws HttpError 400 where it is no JSON; PylonError bad-input naming the place where it does not fit */
export function parseBody(route: Route, text: string): unknown {
  if (route.request === null) return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new HttpError(400, 'bad-input', `The body is no JSON: ${(error as Error).message}.`)
  }
  if (isDeeper(value, DEEPEST)) throw new HttpError(400, 'bad-input', `The body nests lists and objects more than ${DEEPEST} deep.`)
  return fitting(route.request, value, 'body')
}

/**
 * What follows the question mark. Digits are a number where the schema wants one, and nothing else is.
 * @throws HttpError 400, PylonError bad-input naming the parameter that does not fit
 */
export function parseQuery(route: Route, url: string): unknown {
  const value: Record<string, unknown> = {}
  for (const [name, text] of new URLSearchParams(url.split('?').slice(1).join('?'))) {
    if (Object.hasOwn(value, name)) throw new HttpError(400, 'bad-input', `"${name.slice(0, 80)}" is given more than once.`)
    Object.defineProperty(value, name, { value: /^-?\d{1,12}$/.test(text) ? Number(text) : text, enumerable: true })
  }
  return fitting(route.request!, value, 'query')
}

function fitting(schema: z.ZodType, value: unknown, what: 'body' | 'query'): unknown {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw badInput(
    z
      .prettifyError(parsed.error)
      .replaceAll('✖ ', '')
      .replaceAll(/\n\s*→ at /g, ' at '),
    issue!.path.join('.') || what,
  )
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}
