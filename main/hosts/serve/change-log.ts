/**
 * What was changed while a server ran, so that a restart has it again: an append-only file in the server's state folder. Each line is a
 * checksum and a JSON object; a checksum covers its line and all before it, so that a line that is missing, moved or changed is found. A
 * last line that a crash cut short was never acknowledged: it is cut off, and told. Anything else that is wrong is refused.
 */
import { createHash } from 'node:crypto'
import { mkdir, open, readFile, rename, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { badData, conflict, systemFailure, unavailable } from '../../contract/errors.ts'
import { syncFolder, withAtomic } from '../../engine/files/atomic.ts'
import { errorCode } from '../../engine/files/error-code.ts'

const row = z.record(z.string(), z.unknown())
const change = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('put'), item: z.string(), features: row }),
  z.strictObject({ kind: z.literal('delete'), item: z.string() }),
  z.strictObject({ kind: z.literal('events'), user: z.string(), items: z.array(z.string()) }),
  /** the server went over to another model; what was changed before went along */
  z.strictObject({ kind: z.literal('version'), version: z.string() }),
])
export type Change = z.output<typeof change>
const head = z.strictObject({ kind: z.literal('log'), format: z.literal(1), version: z.string() })

/** What becomes of a log at the start of a server: replayed, replayed though it is of another model, or put aside. */
export type LogUse = 'replay' | 'carry' | 'discard'

export interface LogOptions {
  /** the server's own; one server at a time has it */
  readonly folder: string
  /** of the model that is about to serve */
  readonly version: string
  readonly use: LogUse
}

/** What of all changes still counts: later ones have taken the place of the others. */
export interface Live {
  readonly size: number
  changes(): Iterable<Change>
}

export interface OpenedLog {
  readonly log: ChangeLog
  readonly changes: readonly Change[]
  /** whether a last line was cut off */
  readonly torn: boolean
}

const FILE = 'changes.log'
const SLICE = 1 << 20
/** Lines that are out of date beside those that are not, before the file is written anew. */
const SLACK = 1000
const START = ''

const sum = (before: string, json: string): string => createHash('sha256').update(before).update(json).digest('hex').slice(0, 32)

export class ChangeLog {
  readonly path: string
  readonly #lock: Lock
  #handle: FileHandle
  #sum: string
  #size: number
  #lines: number
  readonly #versions: string[]
  #pending: string[] = []
  /** where a write failed: the file is written anew from what is in memory */
  #broken = false
  #tail: Promise<void> = Promise.resolve()

  private constructor(path: string, lock: Lock, handle: FileHandle, { sum: last, size, lines, versions }: Read) {
    this.path = path
    this.#lock = lock
    this.#handle = handle
    ;[this.#sum, this.#size, this.#lines, this.#versions] = [last, size, lines, [...versions]]
  }

  /**
   * @throws PylonError conflict where another server has the folder, or the log is of another model; bad-data where a line is damaged;
   * unavailable where the folder cannot be written
   */
  static async open({ folder, version, use }: LogOptions): Promise<OpenedLog> {
    const path = join(folder, FILE)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const lock = await lockOf(folder)
    try {
      if (use === 'discard') await putAside(path)
      const found = await readLog(path)
      if (found === null) await writeLines(path, [JSON.stringify({ kind: 'log', format: 1, version })])
      else if (use === 'replay' && !found.versions.includes(version))
        throw conflict(
          `${path} is of model ${found.versions.at(-1)!}, and ${version} is about to serve. ` +
            'With "--changes carry" what it holds is put into this model too, with "--changes discard" it is put aside and nothing is.',
          'changes',
        )
      const state = found ?? (await readLog(path))!
      const handle = await open(path, 'r+')
      if (state.torn) await handle.truncate(state.size)
      const log = new ChangeLog(path, lock, handle, state)
      if (!state.versions.includes(version)) log.add({ kind: 'version', version })
      await log.saved({ size: Infinity, changes: () => [] })
      return { log, changes: state.changes, torn: state.torn }
    } catch (error) {
      lock.close()
      throw error
    }
  }

  /** A change that was made; it is on the disk when {@link saved} has resolved. */
  add(made: Change): void {
    if (made.kind === 'version') this.#versions.push(made.version)
    this.#pending.push(JSON.stringify(made))
  }

  /**
   * Resolves when all that was added is on the disk.
   * @param live what the file is written anew of when most of its lines are out of date
   * @throws PylonError unavailable where it cannot be written; the next call tries to write all of it
   */
  saved(live: Live): Promise<void> {
    const done = this.#tail.then(() => this.#flush(live))
    this.#tail = done.catch(() => undefined)
    return done
  }

  async close(): Promise<void> {
    await this.#tail
    await this.#handle.close()
    this.#lock.close()
  }

  async #flush(live: Live): Promise<void> {
    if (this.#pending.length === 0 && !this.#broken) return
    const lines = this.#pending.splice(0)
    try {
      if (this.#broken || this.#lines + lines.length > SLACK + 2 * live.size) await this.#rewrite(live)
      else await this.#append(lines)
    } catch (error) {
      this.#broken = true
      const why = systemFailure(error)?.message ?? (error as Error).message
      throw unavailable(`It is changed in this server, but could not be written to its log: ${why} Until it is, a restart forgets it.`)
    }
  }

  async #append(lines: readonly string[]): Promise<void> {
    let text = ''
    let last = this.#sum
    for (const json of lines) text += `${(last = sum(last, json))} ${json}\n`
    const bytes = Buffer.from(text)
    await writeAt(this.#handle, bytes, this.#size)
    await this.#handle.datasync()
    this.#sum = last
    this.#size += bytes.length
    this.#lines += lines.length
  }

  /** Keeps the head and the versions, and of the changes those that count. */
  async #rewrite(live: Live): Promise<void> {
    const heads = this.#versions.map((version, i) =>
      JSON.stringify(i === 0 ? { kind: 'log', format: 1, version } : { kind: 'version', version }),
    )
    const lines = [...heads, ...Array.from(live.changes(), (each) => JSON.stringify(each))]
    const state = await writeLines(this.path, lines)
    await this.#handle.close()
    this.#handle = await open(this.path, 'r+')
    ;[this.#sum, this.#size, this.#lines] = [state.sum, state.size, state.lines]
    this.#broken = false
  }
}

interface Lock {
  close(): void
}

async function lockOf(folder: string): Promise<Lock> {
  const { isLocked, takeLock } = await import('../../engine/store/lock.ts') // SQLite, for who keeps a log alone
  const path = join(folder, 'lock')
  const taken = (): Error =>
    conflict(`Another server keeps its changes in ${folder}: stop it, or give this one a folder of its own with --state.`, 'state')
  if (isLocked(path)) throw taken() // asked first: to take it is to wait for it
  try {
    return takeLock(path)
  } catch (error) {
    throw errorCode(error).startsWith('SQLITE_BUSY') ? taken() : error
  }
}

async function writeAt(handle: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten
}

async function writeLines(path: string, lines: readonly string[]): Promise<{ sum: string; size: number; lines: number }> {
  let [last, size, text] = [START, 0, '']
  await withAtomic(path, async (file) => {
    for (const [i, json] of lines.entries()) {
      text += `${(last = sum(last, json))} ${json}\n`
      if (text.length < SLICE && i < lines.length - 1) continue
      const bytes = Buffer.from(text)
      await file.write(bytes)
      size += bytes.length
      text = ''
    }
  })
  return { sum: last, size, lines: lines.length }
}

/** A log that is not wanted stays beside its place, under the time of day. */
async function putAside(path: string): Promise<void> {
  try {
    await rename(path, `${path}.${new Date().toISOString().replaceAll(':', '-')}`)
    await syncFolder(join(path, '..'))
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}

interface Read {
  readonly changes: readonly Change[]
  readonly versions: readonly string[]
  readonly torn: boolean
  readonly sum: string
  readonly size: number
  readonly lines: number
}

/** Null where there is none. @throws PylonError bad-data naming the line that is not what was written */
async function readLog(path: string): Promise<Read | null> {
  let text: Buffer
  try {
    text = await readFile(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
  const changes: Change[] = []
  const versions: string[] = []
  let [last, at, lines] = [START, 0, 0]
  while (at < text.length) {
    const end = text.indexOf(10, at)
    if (end < 0) break // cut short
    const line = text.toString('utf8', at, end)
    const json = line.slice(33)
    const expected = sum(last, json)
    if (line[32] !== ' ' || line.slice(0, 32) !== expected) throw damaged(path, lines + 1)
    const value: unknown = JSON.parse(json)
    const read = (lines === 0 ? head : change).safeParse(value)
    if (!read.success) throw badData(`Line ${lines + 1} of ${path} is of a newer Pylon: serve with that one.`, path)
    if (read.data.kind === 'log' || read.data.kind === 'version') versions.push(read.data.version)
    else changes.push(read.data)
    last = expected
    at = end + 1
    lines++
  }
  if (lines === 0) throw damaged(path, 1)
  return { changes, versions, torn: at < text.length, sum: last, size: at, lines }
}

const damaged = (path: string, line: number): Error =>
  badData(
    `Line ${line} of ${path} is not what was written: the file is damaged there. Put a copy of it back, or start with ` +
      '"--changes discard": it is put aside, and the items and events it holds are not served.',
    path,
  )
