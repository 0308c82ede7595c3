/**
 * A run's curves as TensorBoard's event file, written while it trains: records (length, masked CRC-32C of it, an Event of event.proto,
 * masked CRC-32C of that) one after the other. Sources: tensorflow/core/util/event.proto, framework/summary.proto, lib/io/record_writer.h.
 */
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Metrics } from '../../contract/shapes/protocol.ts'
import type { EpochRow, StepRow } from '../../contract/shapes/run.ts'
import { maskedCrc32c } from '../files/crc32c.ts'
import { EVENT, SESSION_START } from '../files/tensorboard-events.ts'
import { message } from '../files/protobuf.ts'

/** Writes below one folder, which TensorBoard shows as one run. Never fails: an error is told once, and ends the writing. */
export class TensorboardLog {
  readonly folder: string
  readonly #path: string
  readonly #onError: (error: Error) => void
  #isOpen = true
  #step = 0

  /** @param folder is made; files that are there stay, TensorBoard reads them together */
  constructor(folder: string, onError: (error: Error) => void) {
    this.folder = folder
    this.#onError = onError
    const now = Date.now()
    this.#path = join(folder, `events.out.tfevents.${Math.floor(now / 1000)}.pylon.${process.pid}.${now % 1000}`)
    this.#attempt(() => mkdirSync(folder, { recursive: true }))
    this.#write(0, [EVENT.fileVersion, new TextEncoder().encode('brain.Event:2')])
  }

  /** What was written of later steps is of no run any more. */
  resumed(step: number): void {
    this.#step = step
    // a reader drops what it has of this step and of later ones
    this.#write(step + 1, [EVENT.sessionLog, message((log) => log.varint(1, SESSION_START))])
  }

  steps(rows: readonly StepRow[]): void {
    for (const { step, loss, learningRate, examplesPerSecond } of rows) {
      this.#step = step
      this.#scalars(step, { 'train/loss': loss, 'train/learning_rate': learningRate, 'train/examples_per_second': examplesPerSecond })
    }
  }

  /** Of a model without steps the epoch is the step. */
  epoch({ epoch, loss, validation }: EpochRow): void {
    this.#scalars(this.#step || epoch, { 'epoch/loss': loss, ...under('validation', validation) })
  }

  /** What the finished run reaches on the test part, with most popular beside it. */
  finished(metrics: Metrics, baseline: Metrics): void {
    this.#scalars(this.#step, { ...under('test', metrics), ...under('most_popular', baseline) })
  }

  #scalars(step: number, values: Readonly<Record<string, number | null>>): void {
    const known = Object.entries(values).filter((each): each is [string, number] => each[1] !== null)
    if (known.length === 0) return
    const summary = message((w) => {
      for (const [tag, value] of known)
        w.bytes(
          1,
          message((one) => one.text(1, tag).float(2, value)),
        )
    })
    this.#write(step, [EVENT.summary, summary])
  }

  #write(step: number, [field, value]: readonly [number, Uint8Array]): void {
    const event = message((w) =>
      w
        .double(EVENT.wallTime, Date.now() / 1000)
        .varint(EVENT.step, step)
        .bytes(field, value),
    )
    this.#attempt(() => appendFileSync(this.#path, record(event)))
  }

  #attempt(write: () => unknown): void {
    if (!this.#isOpen) return
    try {
      write()
    } catch (error) {
      this.#isOpen = false
      this.#onError(error as Error)
    }
  }
}

const under = (group: string, values: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${group}/${name}`, value]))

function record(data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(16 + data.length)
  bytes.writeBigUInt64LE(BigInt(data.length))
  bytes.writeUInt32LE(maskedCrc32c(bytes.subarray(0, 8)), 8)
  bytes.set(data, 12)
  bytes.writeUInt32LE(maskedCrc32c(data), 12 + data.length)
  return bytes
}
