/**
 * Requests of a server as they are kept for `pylon skew`, a JSON line each: the ids and features that were sent, when, and to which version.
 * Nothing else of a request is kept: no token, no address, no filter, nothing of the answer.
 */
import { z } from 'zod'

const id = z.string()
const features = z.record(z.string(), z.unknown())

/** The ids and features of a request; of the routes that take a list, those of each. */
const asked = z.strictObject({
  user: id.optional(),
  users: z.array(id).optional(),
  item: id.optional(),
  features: features.optional(),
  history: z.array(id).optional(),
  exclude: z.array(id).optional(),
  items: z.array(z.strictObject({ id, features })).optional(),
  events: z.array(z.strictObject({ user: id, item: id })).optional(),
})

export const requestLine = z.discriminatedUnion('kind', [
  /** the first of each file */
  z.strictObject({ kind: z.literal('requests'), format: z.literal(1) }),
  z.strictObject({ kind: z.literal('request'), time: z.iso.datetime(), route: z.string(), version: z.string(), status: z.int(), asked }),
  /** lines that could not be written as fast as requests came */
  z.strictObject({ kind: z.literal('lost'), lines: z.int() }),
])
export type RequestLine = z.infer<typeof requestLine>
export type AskedLine = Extract<RequestLine, { kind: 'request' }>

const KEPT = Object.keys(asked.shape)

/** Of a parsed body what is kept. */
export function idsAndFeatures(body: unknown): AskedLine['asked'] {
  return Object.fromEntries(Object.entries(body ?? {}).filter(([name, value]) => KEPT.includes(name) && value !== undefined))
}

/** Files of a log, the newest first: FILE, FILE.1, … up to this many. */
export const LOG_FILES = 4
export const logFile = (path: string, age: number): string => (age === 0 ? path : `${path}.${age}`)
