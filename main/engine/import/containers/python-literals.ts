/**
 * Lines of Python literals (`{'asin': 'B1', 'price': None}`), which older public data calls JSON, as JSON. Nothing is evaluated: dictionaries,
 * lists, tuples, texts, numbers, True, False and None are all there is. Numbers keep their digits.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { badData } from '../../../contract/errors.ts'

/** Whether a text begins as such a line does. */
export const isPythonLiteral = (text: string): boolean => /^\{\s*(?:u?'|u")/.test(text)

/** Writes each line as JSON. @throws PylonError bad-data with the line that is neither */
export async function writePythonLines(from: string, to: string, shown: string): Promise<void> {
  const lines = async function* (): AsyncGenerator<string> {
    let number = 0
    for await (const line of createInterface({ input: createReadStream(from), crlfDelay: Infinity })) {
      number++
      // an empty line stays, so that lines keep their numbers
      yield line.trim() === '' ? '\n' : `${jsonOf(line, `${shown}:${number}`)}\n`
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(to))
}

const SPACE = /\s*/y
const NUMBER = /-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y
const WORD = /[A-Za-z]+/y
const WORDS: Readonly<Record<string, string>> = {
  None: 'null',
  True: 'true',
  False: 'false',
  nan: 'null',
  null: 'null',
  true: 'true',
  false: 'false',
}
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  b: '\b',
  f: '\f',
  a: '\x07',
  v: '\v',
  '0': '\0',
}
const MAX_DEPTH = 100

function jsonOf(line: string, place: string): string {
  let at = 0
  const fail = (): never => {
    throw badData(`This line is neither JSON nor a Python literal at its character ${at + 1}. Write one JSON object a line.`, place)
  }
  const match = (form: RegExp): string => {
    form.lastIndex = at
    const [found] = form.exec(line) ?? ['']
    at += found.length
    return found
  }
  const text = (): string => {
    const quote = line[at++]
    let value = ''
    for (;;) {
      const sign = line[at++]
      if (sign === undefined) return fail()
      if (sign === quote) return JSON.stringify(value)
      if (sign !== '\\') {
        value += sign
        continue
      }
      const escape = line[at++] ?? ''
      const width = { x: 2, u: 4, U: 8 }[escape]
      if (width === undefined) value += ESCAPES[escape] ?? `\\${escape}`
      else {
        const code = Number.parseInt(line.slice(at, at + width), 16)
        if (!(code <= 0x10ffff)) return fail()
        value += String.fromCodePoint(code)
        at += width
      }
    }
  }
  /** What stands between brackets, with commas between. */
  const entries = (close: string, entry: () => string): string => {
    at++
    const found: string[] = []
    for (;;) {
      match(SPACE)
      if (line[at] === close) break
      found.push(entry())
      match(SPACE)
      if (line[at] === ',') at++
      else if (line[at] !== close) return fail()
    }
    at++
    return found.join(',')
  }
  const value = (depth: number): string => {
    match(SPACE)
    const sign = line[at] ?? ''
    if (depth > MAX_DEPTH) return fail()
    if (sign === '{')
      return `{${entries('}', () => {
        const key = value(depth + 1)
        match(SPACE)
        if (line[at++] !== ':') return fail()
        return `${key.startsWith('"') ? key : JSON.stringify(key)}:${value(depth + 1)}`
      })}}`
    if (sign === '[' || sign === '(') return `[${entries(sign === '[' ? ']' : ')', () => value(depth + 1))}]`
    if (/^[uUbB]['"]/.test(line.slice(at, at + 2))) at++
    if (line[at] === "'" || line[at] === '"') return text()
    const number = match(NUMBER)
    if (number !== '') return number.replace(/^(-?)\./, '$10.').replace(/\.(?=$|[eE])/, '')
    return WORDS[match(WORD)] ?? fail()
  }
  const json = value(0)
  match(SPACE)
  return at === line.length ? json : fail()
}
