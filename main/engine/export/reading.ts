/**
 * How cells are read, as data for the row encoder of the exports (`assets/encoder`): the very expressions that the import and typed-in rows
 * use, respelled for Python's `re`, so that there is one list of them.
 */
import { TYPED, ZONES } from '../dataset/cells/instants.ts'
import { NUMBER_FORMS } from '../dataset/cells/numbers.ts'
import { MARKUP_ENTITIES, TAGS } from '../dataset/cells/texts.ts'
import type { Reading } from '../dataset/cells/time-form.ts'
import { PATTERNS } from '../dataset/cells/time-patterns.ts'
import { ENTITIES, HTML_TAG, RUN, UNSPACED } from '../features/tokens.ts'

/** What JavaScript's `\s` and `trim` take for white space; Python's differ in some. */
const SPACES = String.raw`\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff`
const IN_CLASS: Readonly<Record<string, string>> = { d: '0-9', w: 'A-Za-z0-9_', s: SPACES }

/**
 * An expression in Python's spelling. `\p{…}` stays, as part of a class, for {@link characterClasses} to fill. A group's name that is given
 * again gets a number: `offset`, `offset_2`.
 */
export function pythonRegex({ source, flags }: Pick<RegExp, 'source' | 'flags'>): string {
  const named = new Map<string, number>()
  let [out, inClass, at] = ['', false, 0]
  while (at < source.length) {
    const [token] = /^(?:\\p\{[^}]*\}|\\.|\(\?<\w+>|[^])/.exec(source.slice(at))!
    at += token.length
    if (token.startsWith('\\p')) out += inClass ? token : `[${token}]`
    else if (token.startsWith('\\') && IN_CLASS[token[1]!] !== undefined)
      out += inClass ? IN_CLASS[token[1]!]! : `[${IN_CLASS[token[1]!]!}]`
    else if (token === '\\/') out += '/'
    else if (token.startsWith('(?<') && !inClass) out += `(?P<${numbered(named, token.slice(3, -1))}>`
    else if (token === '$' && !inClass)
      out += String.raw`\Z` // `$` matches before a last line end too
    else if (token === '[' && inClass) out += String.raw`\[`
    else out += token
    if (token === '[') inClass = true
    else if (token === ']') inClass = false
  }
  return (flags.includes('i') ? '(?ai)' : '') + out
}

function numbered(named: Map<string, number>, name: string): string {
  const times = (named.get(name) ?? 0) + 1
  named.set(name, times)
  return times === 1 ? name : `${name}_${times}`
}

/** The characters of each `\p{…}` of some expressions, as what stands in a class of Python's `re`: this Unicode's, not Python's. */
export function characterClasses(expressions: string): Record<string, string> {
  const names = new Set([...expressions.matchAll(/\\p\{([^}]*)\}/g)].map(([, name]) => name!))
  return Object.fromEntries([...names].map((name) => [name, rangesOf(new RegExp(`^\\p{${name}}$`, 'u'))]))
}

function rangesOf(test: RegExp): string {
  const ranges: string[] = []
  let from = -1
  for (let code = 0; code <= 0x110000; code++) {
    const isIn = code < 0x110000 && test.test(String.fromCodePoint(code))
    if (isIn && from < 0) from = code
    if (isIn || from < 0) continue
    ranges.push(code - 1 === from ? spelled(from) : `${spelled(from)}-${spelled(code - 1)}`)
    from = -1
  }
  return ranges.join('')
}

const spelled = (code: number): string =>
  code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`

/** All of it, JSON-safe. */
export function readingRules(): object {
  const rules = {
    spaces: SPACES,
    zones: ZONES,
    typedDate: pythonRegex(TYPED),
    markup: { tag: pythonRegex(TAGS), entities: MARKUP_ENTITIES },
    entities: ENTITIES,
    words: { tag: pythonRegex(HTML_TAG), run: pythonRegex(RUN), unspaced: pythonRegex(UNSPACED) },
    numbers: Object.fromEntries(
      NUMBER_FORMS.map(({ name, reading: { mark, full, found, minus, rest } }) => [
        name,
        { mark, full: pythonRegex(full), found: pythonRegex(found), minus: pythonRegex(minus), rest: pythonRegex(rest) },
      ]),
    ),
    times: Object.fromEntries(PATTERNS.map(({ name, reading }) => [name, readingRule(reading)])),
  }
  return { ...rules, classes: characterClasses(JSON.stringify(rules)) }
}

function readingRule(reading: Reading): object {
  const steps = (all: readonly (readonly [string, string])[]): string[][] =>
    all.map(([found, becomes]) => [pythonRegex({ source: found, flags: '' }), becomes])
  switch (reading.kind) {
    case 'respelled':
      return { kind: reading.kind, test: pythonRegex(reading.test), steps: steps(reading.steps), of: reading.of.name }
    case 'month-in-words': {
      const { kind, first, second, months, clock, of } = reading
      return { kind, first: pythonRegex(first), second: pythonRegex(second), months, clock: steps(clock), of: of.name }
    }
    default:
      return { kind: reading.kind, test: pythonRegex(reading.test) }
  }
}
