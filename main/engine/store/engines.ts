/**
 * Who has this workspace open: each engine (and each web host, which keeps uploads) has three small files in `engines/`: what it is
 * (`.json`), a lock the kernel lets go at its death (`.lock`), and a heartbeat (`.beat`) for machines that do not see the lock. On one
 * machine, also from several containers, engines share a workspace. SQLite's WAL does not work across machines: a workspace that
 * another one has open is refused here, and opened for reading only by who asked.
 */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readUnlessAbsent, makeFolder } from '../files/error-code.ts'
import type { LockFile } from './database.ts'
import { newId } from '../files/ids.ts'
import { isLocked, takeLock } from './lock.ts'
import { machineSchema, sameKernel, thisMachine, type Machine } from './machine.ts'
import { isProcess } from './process-name.ts'

const BEAT_MS = 10_000
/** An engine of another machine that was silent this long is taken for dead. */
export const SILENT_MS = 60_000

const recordSchema = z.strictObject({
  engine: z.string(),
  machine: machineSchema,
  pid: z.int(),
  what: z.enum(['engine', 'host']),
  openedAt: z.string(),
})
export type EngineRecord = z.infer<typeof recordSchema>

/** An engine's name: of the workspace's temporary folders and of the runs it works on. */
const NAME = /^e[0-9a-z]{8}$/

export class Engines {
  /** this one's name */
  readonly engine = `e${newId()}`
  readonly #folder: string
  readonly #machine: Machine
  #lock: LockFile | null = null
  #timer: NodeJS.Timeout | undefined
  #beats = 0

  constructor(home: string, machine: Machine = thisMachine()) {
    this.#folder = join(home, 'engines')
    this.#machine = machine
  }

  /**
   * Enters the workspace; `onForeign` is called once where another machine comes in later, as it may after this one was suspended.
   * @returns the engine of another machine that has it open: then this one has not entered
   * @throws the system's error where the files cannot be written
   */
  enter(what: EngineRecord['what'], onForeign: (other: EngineRecord) => void = () => undefined): EngineRecord | null {
    makeFolder(this.#folder, 0o700)
    // the lock before the record: a record whose lock is free is of a dead engine
    this.#lock = takeLock(this.#path(this.engine, 'lock'))
    const record: EngineRecord = {
      engine: this.engine,
      machine: this.#machine,
      pid: process.pid,
      what,
      openedAt: new Date().toISOString(),
    }
    try {
      writeFileSync(this.#path(this.engine, 'json'), JSON.stringify(record))
      this.#beat()
    } catch (error) {
      this.leave()
      throw error
    }
    const foreign = this.#foreign()
    if (foreign !== null) {
      this.leave()
      return foreign
    }
    this.#timer = setInterval(() => {
      const other = this.#beatAndLook()
      if (other === null) return
      clearInterval(this.#timer)
      onForeign(other)
    }, BEAT_MS).unref()
    return null
  }

  /** Whether the engine of that name lives. A name of version 0.1.0 is a process of this machine; any other text is nobody. */
  isAlive(owner: string): boolean {
    if (owner === this.engine) return this.#lock !== null
    if (!NAME.test(owner)) return isProcess(owner)
    const record = this.#read(owner)
    return record !== null && this.#lives(record)
  }

  /** The engines that have this workspace open, this one left out. */
  others(): EngineRecord[] {
    return this.#records().filter((record) => this.#lives(record))
  }

  /** Leaves the workspace, and takes away what dead engines of it left in `engines/`. */
  leave(): void {
    clearInterval(this.#timer)
    if (this.#lock === null) return
    for (const record of this.#records()) if (!this.#lives(record)) this.#forget(record.engine)
    rmSync(this.#path(this.engine, 'json'), { force: true })
    this.#lock.close()
    this.#lock = null
    this.#forget(this.engine)
  }

  #beatAndLook(): EngineRecord | null {
    try {
      this.#beat()
    } catch {
      return null // a full or absent disk: the engine's own writing says so
    }
    return this.#foreign()
  }

  #foreign(): EngineRecord | null {
    return this.#records().find((record) => !sameKernel(record.machine, this.#machine) && this.#lives(record)) ?? null
  }

  #lives({ engine, machine }: EngineRecord): boolean {
    if (sameKernel(machine, this.#machine)) return isLocked(this.#path(engine, 'lock'))
    // both times are the file system's own, so the machines' clocks do not matter; one far ahead is of a clock that was set back since
    const [theirs, ours] = [this.#beatOf(engine), this.#beatOf(this.engine) ?? Date.now()]
    return theirs !== null && Math.abs(ours - theirs) < SILENT_MS
  }

  #beat(): void {
    writeFileSync(this.#path(this.engine, 'beat'), String(++this.#beats))
  }

  #beatOf(engine: string): number | null {
    return readUnlessAbsent(() => statSync(this.#path(engine, 'beat')).mtimeMs, null)
  }

  /** Of all but this one. */
  #records(): EngineRecord[] {
    return readUnlessAbsent(() => readdirSync(this.#folder), [])
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -'.json'.length))
      .filter((engine) => NAME.test(engine) && engine !== this.engine)
      .flatMap((engine) => this.#read(engine) ?? [])
  }

  #read(engine: string): EngineRecord | null {
    const text = readUnlessAbsent(() => readFileSync(this.#path(engine, 'json'), 'utf8'), null)
    if (text === null) return null
    try {
      return recordSchema.parse(JSON.parse(text))
    } catch {
      // cut off by a crash in the middle of writing: the lock alone tells
      return { engine, machine: this.#machine, pid: 0, what: 'engine', openedAt: '' }
    }
  }

  #forget(engine: string): void {
    for (const kind of ['json', 'beat', 'lock'] as const) rmSync(this.#path(engine, kind), { force: true })
  }

  #path(engine: string, kind: 'json' | 'lock' | 'beat'): string {
    return join(this.#folder, `${engine}.${kind}`)
  }
}
