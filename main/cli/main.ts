/**
 * The command line: argv → one verb → its answer. The engine runs in this process, behind the same rpc as everywhere else; its job
 * children are the only other processes. stdout carries the answer alone (with --json one JSON object), stderr everything else.
 * The first Ctrl-C asks the job to stop, which keeps a checkpoint; the second ends it at once.
 */
import { CommanderError } from 'commander'
import type { z } from 'zod'
import { flagName } from '../contract/command-line.ts'
import { badInput, Cancelled, exitCode, fromErrorShape, PylonError, toErrorShape } from '../contract/errors.ts'
import { createClient, serveVerbs, startJob, type Client } from '../contract/rpc.ts'
import { changesWorkspace, isJobVerb, verbs, type JobVerb, type VerbDefinition, type VerbInput, type VerbName } from '../contract/verbs.ts'
import type { Engine } from '../engine/index.ts'
import { pylonVersion } from '../engine/files/version.ts'
import { entryBeside } from '../hosts/entry-beside.ts'
import { forkJob } from '../hosts/child.ts'
import { memoryChannels } from '../hosts/memory-channels.ts'
import { onSignal, SIGNALS } from '../hosts/signals.ts'
import { createProgram, type Request } from './program.ts'
import { progressView } from './progress.ts'
import { style } from './table.ts'
import { showEpoch } from './measures.ts'
import { showResult } from './views.ts'

/** Runs the command line. @returns the exit code */
export async function main(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json')
  try {
    const request = parse(argv)
    if (request === null) return 0
    let status = 0
    await perform(request, (result) => {
      process.stdout.write(`${json ? JSON.stringify(result) : showResult(request.verb, result)}\n`)
      if (!hasHeld(request.verb, result)) status = 1
    })
    return status
  } catch (error) {
    return report(error, json)
  }
}

/** False of a check that came through and found that something differs. */
export function hasHeld(verb: VerbName, result: unknown): boolean {
  const { holds }: VerbDefinition = verbs[verb]
  return holds === undefined || (result as Readonly<Record<string, unknown>>)[holds] !== false
}

/** What was typed; null where it was help that was asked for. */
function parse(argv: readonly string[]): Request | null {
  let request: Request | null = null
  const program = createProgram(pylonVersion(), (typed) => (request = typed))
  for (const command of [program, ...program.commands]) command.configureOutput({ outputError: () => {} })
  if (argv.length === 0) {
    program.outputHelp()
    return null
  }
  try {
    program.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return null
    throw badInput(error.message.replace(/^error: /, '').replace('\n', ' '))
  }
  return request
}

/** Opens the engine, makes the call, prints its result and closes the engine again, whatever happens. */
async function perform({ verb, input, home }: Request, print: (result: unknown) => void): Promise<void> {
  const engine = await open(verb, home)
  const [near, far] = memoryChannels()
  serveVerbs(far, engine)
  const client = createClient(near)
  try {
    if (verb === 'serving.start') await performServing(client, input, print)
    else print(isJobVerb(verb) ? await performJob(engine, client, verb, input) : await client.call(verb, input))
  } catch (error) {
    throw named(error, verb)
  } finally {
    client.close()
    await engine.close()
  }
}

/** The engine; for a verb that works on a workspace that cannot be opened, one that opens none. */
async function open(verb: VerbName, asked: string | undefined): Promise<Engine> {
  const { homeFolder } = await import('../engine/store/workspace.ts')
  const [home, fork] = [homeFolder(asked), () => forkJob()]
  const { unopened = false }: VerbDefinition = verbs[verb]
  if (unopened) return (await import('../engine/maintenance.ts')).openMaintenance({ home, fork })
  const { openEngine } = await import('../engine/index.ts')
  const { frees = false }: VerbDefinition = verbs[verb]
  const purpose = frees ? 'free' : changesWorkspace(verb) ? 'change' : 'look'
  const log = (text: string): void => void process.stderr.write(text)
  return openEngine({ home, fork, purpose, forkServer: () => forkJob(entryBeside('../hosts/serve', import.meta.url), undefined, log) })
}

/** Starts the job, shows its progress, and waits for its end. */
async function performJob(engine: Engine, client: Client, verb: JobVerb, input: Record<string, unknown>): Promise<unknown> {
  const view = progressView()
  client.on('job.progress', (event) => view.progress(event))
  client.on('job.message', ({ level, text }) =>
    view.say(level === 'warning' ? `${style('yellow', 'warning:', process.stderr)} ${text}` : text),
  )
  client.on('run.epoch', ({ row }) => view.say(showEpoch(row)))
  const interrupt = new Interrupts()
  try {
    const { job, started, finished } = await startJob(client, verb, input as VerbInput<JobVerb>)
    const before = 'before' in started ? (started.before ?? []) : []
    if ('run' in started) view.say([...before, started].map(({ run }) => `run ${run}`).join('\n'))
    interrupt.handle((times) => {
      if (times === 1) {
        view.say('Stopping after this step; once more to stop at once.')
        for (const each of [...before.map((one) => one.job), job]) client.call('jobs.cancel', { job: each }).catch(() => {})
      } else engine.kill()
    })
    return await finished
  } finally {
    interrupt.stop()
    view.end()
  }
}

/**
 * Serves until Ctrl-C or one of its relatives: a server lasts as long as the command line that started it.
 * @throws the server's death, where that comes first
 */
async function performServing(client: Client, input: Record<string, unknown>, print: (result: unknown) => void): Promise<void> {
  const token = process.env['PYLON_SERVE_TOKEN']
  const { promise: over, resolve, reject } = Promise.withResolvers<undefined>()
  over.catch(() => undefined) // it is awaited below, once the server is there
  client.on('serving.ended', ({ error }) => reject(fromErrorShape(error)))
  const started = await client.call('serving.start', { ...(token !== undefined && { token }), ...input })
  for (const signal of SIGNALS) process.once(signal, () => resolve(undefined))
  print(started)
  await over
}

/** Ctrl-C and its relatives, counted from the moment this exists. */
class Interrupts {
  #times = 0
  #handler: ((times: number) => void) | null = null
  readonly stop = onSignal(() => {
    this.#times++
    if (this.#times > 2) process.exit(exitCode('cancelled'))
    this.#handler?.(this.#times)
  })

  handle(handler: (times: number) => void): void {
    this.#handler = handler
    if (this.#times > 0) handler(this.#times)
  }
}

/** An error about a property of the input speaks of its flag. */
function named(error: unknown, verb: VerbName): unknown {
  if (!(error instanceof PylonError) || error instanceof Cancelled || error.place === undefined) return error
  const [property = '', rest = ''] = /^([a-zA-Z]+)(.*)$/s.exec(error.place)?.slice(1) ?? []
  const definition = verbs[verb]
  const shape: Readonly<Record<string, z.ZodType>> = definition.input.shape
  if (!Object.hasOwn(shape, property)) return error
  // `items.csv:7` is a place in a file: a property that is one text has nothing below it
  if (rest !== '' && !rest.startsWith('[') && shape[property]!.safeParse(property).success) return error
  const flag = 'positional' in definition && definition.positional === property ? property.toUpperCase() : flagName(property)
  const said = error.message.startsWith(`${error.place}: `) ? error.message.slice(error.place.length + 2) : error.message
  // that a text is expected says less than what the flag is for
  const message = said.replace(/^(is needed)(: expected (string|array))?$/, `$1: ${shape[property]!.description ?? 'see --help'}`)
  return new PylonError(error.code, `${flag}: ${message}`, flag)
}

/** One message on stderr; with --json also as the object on stdout. */
function report(error: unknown, json: boolean): number {
  const { code, message, place, stack } = toErrorShape(error)
  process.stderr.write(`${style('red', 'error:', process.stderr)} ${message}\n`)
  if (code === 'bug' && stack !== undefined) process.stderr.write(`${style('dim', stack, process.stderr)}\n`)
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message, place: place ?? null } })}\n`)
  return exitCode(code)
}
