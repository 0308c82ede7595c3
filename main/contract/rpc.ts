/**
 * The contract over a Channel: verbs go down as calls, their answers and the events come up. Both ends check what they hear: an input
 * is validated by the verb's schema before the engine sees it, and a message that is not of the wire below changes nothing. Each call
 * gets exactly one answer, or a rejection when the other side is gone.
 */
import { z } from 'zod'
import type { Channel } from './channel.ts'
import { badInput, EngineGone, type ErrorShape, fromErrorShape, toErrorShape } from './errors.ts'
import type { EventName, Events } from './events.ts'
import { issueText } from './issue.ts'
import { verbs, type JobResult, type JobVerb, type VerbInput, type VerbName, type VerbOutput, type VerbParsed } from './verbs.ts'

/** Hears every event, with its name. */
export type EventListener = <E extends EventName>(event: E, payload: Events[E]) => void

/** What `serve` needs of an engine. */
export interface EngineApi {
  call<V extends VerbName>(verb: V, input: VerbParsed<V>): Promise<VerbOutput<V>>
  /** @returns a function that stops listening */
  subscribe(listener: EventListener): () => void
}

/** The other end: a typed proxy of the engine. */
export interface Client {
  call<V extends VerbName>(verb: V, input: VerbInput<V>): Promise<VerbOutput<V>>
  on<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void
  /** rejects the calls in flight */
  close(): void
}

const eventNames = {
  'job.progress': true,
  'job.message': true,
  'run.epoch': true,
  'job.finished': true,
  'jobs.changed': true,
  'runs.changed': true,
  'datasets.changed': true,
  'backtest.changed': true,
  'tracked.changed': true,
  'search.changed': true,
  'segments.changed': true,
  'workspace.viewed': true,
  'serving.ended': true,
} as const satisfies Record<EventName, true>

const callSchema = z.strictObject({ kind: z.literal('call'), id: z.int().min(0), verb: z.string(), input: z.unknown() })
const errorSchema = z.object({ code: z.string(), message: z.string(), place: z.string().optional(), stack: z.string().optional() })
const upSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('answer'), id: z.int(), value: z.unknown() }),
  z.strictObject({ kind: z.literal('failure'), id: z.int().nullable(), error: errorSchema }),
  z.strictObject({ kind: z.literal('event'), event: z.string(), payload: z.unknown() }),
])
type Up =
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'failure'; id: number | null; error: ErrorShape }
  | { kind: 'event'; event: EventName; payload: unknown }

/** Whether a string is a verb of the contract. */
export const isVerb = (name: string): name is VerbName => Object.hasOwn(verbs, name)

/**
 * Checks a verb's input and fills in its defaults.
 * @throws PylonError bad-input, its place the path within the input: `k[0]`
 */
export function parseInput<V extends VerbName>(verb: V, input: unknown): VerbParsed<V> {
  const parsed = verbs[verb].input.safeParse(input)
  if (parsed.success) return parsed.data as VerbParsed<V>
  const issue = parsed.error.issues[0]!
  const place = z.core.toDotPath(issue.path)
  throw badInput(issueText(issue), place === '' ? verb : place)
}

/** Answers the calls that arrive on `channel` from `engine` and forwards its events, until the channel closes. */
export function serveVerbs(channel: Channel, engine: EngineApi): void {
  const post = (message: Up): void => channel.post(message)
  const unsubscribe = engine.subscribe((event, payload) => post({ kind: 'event', event, payload }))
  channel.onClose(unsubscribe)
  channel.listen((message) => {
    const call = callSchema.safeParse(message)
    if (!call.success) {
      const id = idOf(message)
      post({
        kind: 'failure',
        id,
        error: { code: 'bad-input', message: 'A message that is not a call: { kind: "call", id, verb, input }.' },
      })
      return
    }
    const { id, verb, input } = call.data
    answer(engine, verb, input)
      .then((value) => post({ kind: 'answer', id, value }))
      // also of an answer that cannot be sent
      .catch((error: unknown) => post({ kind: 'failure', id, error: toErrorShape(error) }))
  })
}

async function answer(engine: EngineApi, verb: string, input: unknown): Promise<unknown> {
  if (!isVerb(verb)) throw badInput(`There is no verb "${verb}".`)
  return engine.call(verb, parseInput(verb, input))
}

function idOf(message: unknown): number | null {
  const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : null
  return typeof id === 'number' && Number.isInteger(id) ? id : null
}

/** The proxy of the engine at the other end of `channel`. */
export function createClient(channel: Channel): Client {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  const listeners = new Map<EventName, Set<(payload: never) => void>>()
  let nextId = 1
  let gone: string | null = null

  const fail = (reason: string): void => {
    gone ??= reason
    for (const { reject } of waiting.values()) reject(new EngineGone(`The engine is gone: ${reason}.`))
    waiting.clear()
  }
  const settle = (id: number): { resolve: (value: never) => void; reject: (error: Error) => void } | undefined => {
    const call = waiting.get(id)
    waiting.delete(id)
    return call
  }
  channel.onClose(fail)
  channel.listen((message) => {
    const up = upSchema.safeParse(message)
    if (!up.success) return
    const received = up.data as Up
    if (received.kind === 'answer') settle(received.id)?.resolve(received.value as never)
    else if (received.kind === 'failure') settle(received.id ?? -1)?.reject(fromErrorShape(received.error))
    else if (Object.hasOwn(eventNames, received.event))
      for (const listener of listeners.get(received.event) ?? []) listener(received.payload as never)
  })

  return {
    call: (verb, input) =>
      new Promise((resolve, reject) => {
        if (gone !== null) return reject(new EngineGone(`The engine is gone: ${gone}.`))
        const id = nextId++
        waiting.set(id, { resolve, reject })
        channel.post({ kind: 'call', id, verb, input })
      }),
    on: (event, listener) => {
      const of = listeners.get(event) ?? new Set()
      listeners.set(event, of.add(listener))
      return () => of.delete(listener)
    },
    close: () => {
      fail('closed here')
      channel.close()
    },
  }
}

/** A job under way: its id, the answer of its call, and a promise of its result. */
export interface StartedJob<V extends JobVerb> {
  readonly job: string
  readonly started: VerbOutput<V>
  /** rejects with the job's error; {@link Cancelled} where it was cancelled */
  readonly finished: Promise<JobResult<V>>
}

/**
 * Starts a job and waits for its `job.finished`, also when that arrives before the answer of the call.
 * @throws whatever the call is refused with
 */
export async function startJob<V extends JobVerb>(client: Client, verb: V, input: VerbInput<V>): Promise<StartedJob<V>> {
  const early = new Map<string, Events['job.finished']>()
  let resolve: (finish: Events['job.finished']) => void
  let reject: (error: unknown) => void
  const finish = new Promise<Events['job.finished']>((yes, no) => {
    resolve = yes
    reject = no
  })
  finish.catch(() => {})
  let mine: string | null = null
  const stop = client.on('job.finished', (event) => {
    if (mine === null) early.set(event.job, event)
    else if (event.job === mine) resolve(event)
  })
  try {
    const started = await client.call(verb, input)
    mine = started.job
    const already = early.get(mine)
    if (already !== undefined) resolve!(already)
    const finished = finish.finally(stop).then((event) => {
      if (event.error !== null) throw fromErrorShape(event.error)
      return event.result as JobResult<V>
    })
    finished.catch(() => {}) // whoever wants the result hears of it there; nobody has to
    return { job: mine, started, finished }
  } catch (error) {
    stop()
    reject!(error)
    throw error
  }
}
