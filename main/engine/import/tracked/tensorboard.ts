/**
 * Scalars of TensorBoard's event files, each checksum checked. As TensorBoard does, the files of a folder are one run, in the order of their
 * names, and what a session that begins anew has overtaken is dropped. Sources: tensorflow/core/util/event.proto, framework/summary.proto,
 * framework/tensor.proto, lib/io/record_reader.h.
 */
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { badData } from '../../../contract/errors.ts'
import type { Progress } from '../../../contract/shapes/progress.ts'
import type { TrackedRunRead, TrackedSourceRead } from '../../../contract/shapes/tracked.ts'
import { maskedCrc32c } from '../../files/crc32c.ts'
import { fieldsOf } from '../../files/protobuf-reader.ts'
import { EVENT, SESSION_START } from '../../files/tensorboard-events.ts'
import { builderOf, type CurveBuilder, finishAll } from './curve-builder.ts'

/** A record of scalars takes some hundred bytes; one of this size is none, or its length is damaged. */
const MOST_RECORD_BYTES = 256 << 20
const WINDOW_BYTES = 1 << 20
const VALUE = { tag: 1, simple: 2, tensor: 8 } as const
const TENSOR = { dtype: 1, content: 4, floats: 5, doubles: 6 } as const
const FLOAT = 1
const DOUBLE = 2

/** Whether a path is an event file, or a folder that has some at any depth. */
export const eventFilesIn = (path: string): string[] => {
  if (statSync(path).isFile()) return isEvents(path) ? [path] : []
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && isEvents(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}
const isEvents = (name: string): boolean => basename(name).includes('tfevents')

/** @param files of {@link eventFilesIn} of `path` */
export function* readTensorboard(path: string, files: readonly string[]): Generator<Progress, TrackedSourceRead> {
  const root = statSync(path).isFile() ? dirname(path) : path
  const total = files.reduce((sum, file) => sum + statSync(file).size, 0)
  const notes: string[] = []
  const versions = new Set<string>()
  const runs: TrackedRunRead[] = []
  let [read, told] = [0, 0]
  for (const [folder, own] of Map.groupBy(files, (file) => dirname(file))) {
    const from = relative(root, folder).split(sep).join('/')
    const name = from === '' ? basename(root) : from
    const reading: Reading = { builders: new Map(), others: new Map(), versions }
    for (const file of own)
      for (const { event, place } of eventsOf(file)) {
        takeEvent(event, place, reading)
        read += event.length
        if (read - told < WINDOW_BYTES) continue
        told = read
        yield { stage: 'read events', done: Math.min(read, total), total, unit: 'bytes' }
      }
    const { curves, repeated } = finishAll(reading.builders)
    if (repeated > 0) notes.push(`${name}: ${repeated} points stand twice at a step; the later one is taken.`)
    const others = [...reading.others.keys()].sort()
    if (others.length > 0) notes.push(`${name}: ${others.join(', ')} are no scalars and are left out.`)
    runs.push({ name, from: name, experiment: null, status: null, params: {}, curves })
  }
  return { kind: 'tensorboard', version: `TensorBoard, ${[...versions].join(', ') || 'no version'}`, runs, notes }
}

interface Reading {
  readonly builders: Map<string, CurveBuilder>
  /** tags that are no scalars */
  readonly others: Map<string, number>
  readonly versions: Set<string>
}

function takeEvent(event: Uint8Array, place: string, { builders, others, versions }: Reading): void {
  try {
    let step = 0
    const summaries: Uint8Array[] = []
    let isStart = false
    for (const { number, kind, value } of fieldsOf(event)) {
      if (number === EVENT.step && kind === 'varint') step = typeof value === 'number' ? value : Number(BigInt.asIntN(64, value))
      else if (number === EVENT.summary && kind === 'bytes') summaries.push(value)
      else if (number === EVENT.fileVersion && kind === 'bytes') versions.add(text(value))
      else if (number === EVENT.sessionLog && kind === 'bytes') isStart = isSessionStart(value)
    }
    if (isStart) for (const builder of builders.values()) builder.dropFrom(step)
    for (const summary of summaries)
      for (const { number, kind, value } of fieldsOf(summary)) {
        if (number !== 1 || kind !== 'bytes') continue
        const { tag, scalar } = readValue(value)
        if (scalar === null) others.set(tag, 1)
        else builderOf(builders, tag).add(step, scalar)
      }
  } catch (error) {
    if (error instanceof RangeError) throw badData(`This record is no event of TensorBoard: ${error.message}. Write the file anew.`, place)
    throw error
  }
}

function isSessionStart(log: Uint8Array): boolean {
  for (const { number, kind, value } of fieldsOf(log)) if (number === 1 && kind === 'varint') return Number(value) === SESSION_START
  return false
}

/** A value in its old form (`simple_value`) or as a tensor of one number; null of anything else. */
function readValue(message: Uint8Array): { tag: string; scalar: number | null } {
  let [tag, scalar]: [string, number | null] = ['', null]
  for (const { number, kind, value } of fieldsOf(message)) {
    if (number === VALUE.tag && kind === 'bytes') tag = text(value)
    else if (number === VALUE.simple && kind === 'fixed32') scalar = view(value).getFloat32(0, true)
    else if (number === VALUE.tensor && kind === 'bytes') scalar = scalarOf(value)
  }
  return { tag, scalar }
}

function scalarOf(tensor: Uint8Array): number | null {
  let dtype = 0
  const found: number[] = []
  for (const { number, kind, value } of fieldsOf(tensor)) {
    if (number === TENSOR.dtype && kind === 'varint') dtype = Number(value)
    // of one entry, packed or not
    else if (number === TENSOR.floats && kind !== 'varint') found.push(...numbers(value, 4))
    else if (number === TENSOR.doubles && kind !== 'varint') found.push(...numbers(value, 8))
    else if (number === TENSOR.content && kind === 'bytes') found.push(...numbers(value, dtype === DOUBLE ? 8 : 4))
  }
  return found.length === 1 && (dtype === FLOAT || dtype === DOUBLE) ? found[0]! : null
}

function numbers(bytes: Uint8Array, width: 4 | 8): number[] {
  // anything long is no scalar
  if (bytes.length !== width) return [NaN, NaN]
  return [width === 4 ? view(bytes).getFloat32(0, true) : view(bytes).getFloat64(0, true)]
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** The records of a file: length, its checksum, data, its checksum. @throws PylonError bad-data naming the byte */
function* eventsOf(path: string): Generator<{ event: Uint8Array; place: string }, void> {
  const file = openSync(path, 'r')
  try {
    const size = fstatSync(file).size
    let [window, begin] = [Buffer.alloc(0), 0]
    const read = (at: number, length: number): Buffer => {
      if (at < begin || at + length > begin + window.length) {
        // a new one each time: what was handed out stays as it is
        window = Buffer.allocUnsafe(Math.max(length, Math.min(WINDOW_BYTES, size - at)))
        begin = at
        for (let got = 0; got < window.length;) {
          const more = readSync(file, window, got, window.length - got, at + got)
          if (more === 0) throw cutOff(path, at)
          got += more
        }
      }
      return window.subarray(at - begin, at - begin + length)
    }
    for (let at = 0; at < size;) {
      if (at + 12 > size) throw cutOff(path, at)
      const head = read(at, 12)
      const length = Number(head.readBigUInt64LE(0))
      const place = `${path}, byte ${at}`
      if (head.readUInt32LE(8) !== maskedCrc32c(head.subarray(0, 8)) || length > MOST_RECORD_BYTES) throw damaged(place)
      if (at + 16 + length > size) throw cutOff(path, at)
      const body = read(at + 12, length + 4)
      if (body.readUInt32LE(length) !== maskedCrc32c(body.subarray(0, length))) throw damaged(place)
      yield { event: body.subarray(0, length), place }
      at += 16 + length
    }
  } finally {
    closeSync(file)
  }
}

const cutOff = (path: string, at: number): Error =>
  badData('This event file ends within a record: copy it again, or wait until its program has closed it.', `${path}, byte ${at}`)
const damaged = (place: string): Error =>
  badData('The checksum of this record is wrong: the file is damaged, or no event file. Copy it again.', place)
