/**
 * Sentences told by their templates: `There is no user "{}".` knows each such sentence, whatever the user, and has one in another language
 * with `{0}` where the value goes. A text is said by whichever reading of it understands most: one template, what stands before a colon and
 * the rest, or sentences one by one. Values that are sentences or known forms are said too; those in quotation marks are names and stay.
 */

import type { Sayings } from '../locales/texts.ts'

interface Template {
  readonly form: RegExp
  readonly said: string
  /** letters that are the template's own */
  readonly letters: number
  /** its longest own part: what a text must hold */
  readonly part: string
  /** how each value is said */
  readonly values: readonly ('name' | 'word' | 'form')[]
}
/** `letters` are those that were understood. */
interface Reading {
  readonly text: string
  readonly letters: number
}

/** A template of fewer letters of its own stands for anything: it counts only where its values are understood. */
const FEW = 5
/** Longer texts are listings and stacks. */
const LONG = 2000
/** What has more joints is a list: its parts are read one by one, and not all ways to part it. */
const MANY = 10
/** Where a text may be taken apart, and what stands there instead. */
const JOINTS: readonly (readonly [RegExp, string])[] = [
  [/(?<=[.?!…])\s+(?=\S)/g, ''],
  [/: /g, '：'],
  [/; /g, '；'],
  [/, /g, '，'],
  [/ and /g, '、'],
  [/ · /g, ' · '],
]
/** Letters by which templates that begin alike are found together. */
const BEGINNING = 4
const MARKED = /^([^;]+) \((.+)\)$/s
const COUNTED = /^([\d,.]+) ([a-z]+?)s?$/
const KEPT = 5000

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const together = (parts: readonly Reading[], between: string): Reading => ({
  text: parts.map(({ text }) => text).join(between),
  letters: parts.reduce((sum, { letters }) => sum + letters, 0),
})
const better = (a: Reading, b: Reading): Reading => (b.letters > a.letters ? b : a)
const CHINESE = /[\u3000-\u9fff\uff00-\uffef]/
const isSaid = (text: string): boolean => CHINESE.test(text.at(-1) ?? '')

function templateOf(key: string, said: string): Template {
  const parts = key.split('{}')
  return {
    said,
    form: new RegExp(`^${parts.map(escaped).join('(.*?)')}$`, 's'),
    letters: parts.join('').length,
    part: parts.toSorted((a, b) => b.length - a.length)[0]!,
    values: parts.slice(0, -1).map((before, i) => {
      if (/["“]$/.test(before) && /^["”]/.test(parts[i + 1]!)) return 'name'
      return said.includes(`{${i}!}`) ? 'word' : 'form'
    }),
  }
}

/** The sentence with its values. A Chinese word joins the Chinese beside it; another value keeps the blanks. */
const filled = (said: string, values: readonly Reading[]): string =>
  said.replaceAll(/\{(\d)\}| ?\{(\d)!\} ?/g, (hole: string, plain: string | undefined, word: string) => {
    if (plain !== undefined) return values[Number(plain)]!.text
    const { text } = values[Number(word)]!
    return `${hole.startsWith(' ') && !CHINESE.test(text[0] ?? '') ? ' ' : ''}${text}${hole.endsWith(' ') && !isSaid(text) ? ' ' : ''}`
  })

/** `word`: of what is known to be one. */
export interface Sayer {
  readonly say: (text: string) => string
  readonly word: (text: string) => string
}

/** What says a text by them, as it is where they have nothing for it. Readings are kept: lists and logs say the same again and again. */
export function sayingBy({ sentences, words, units }: Sayings): Sayer {
  const byBeginning = new Map<string, Template[]>()
  for (const [key, said] of Object.entries(sentences)) {
    enter(key, said)
    // what goes on after a comma is met without it where a text is taken apart there
    if (/^[;,] /.test(key)) enter(key.slice(2), said.replace(/^[；，]/, ''))
  }
  function enter(key: string, said: string): void {
    const beginning = key.slice(0, BEGINNING)
    const group = beginning.includes('{') ? '' : beginning
    byBeginning.set(group, [...(byBeginning.get(group) ?? []), templateOf(key, said)])
  }
  const known = new Map<string, Reading>()

  function read(text: string): Reading {
    const before = known.get(text)
    if (before !== undefined) return before
    if (known.size > KEPT) known.clear()
    known.set(text, { text, letters: 0 }) // asked again while it is read, it is not understood
    const reading =
      text.length > LONG
        ? { text, letters: 0 }
        : text.includes('\n')
          ? together(text.split('\n').map(read), '\n')
          : better(wholly(text), inParts(text))
    known.set(text, reading)
    return reading
  }

  /** What ends with a full stop may be a form that has none. */
  function wholly(text: string): Reading {
    const inner = text.trim()
    const closed = byTemplate(inner)
    const open = inner.endsWith('.') ? byTemplate(inner.slice(0, -1)) : closed
    if (open.letters > 0 && open.letters >= closed.letters && open !== closed) return { text: `${open.text}。`, letters: open.letters }
    return closed.letters > 0 ? closed : { text, letters: 0 }
  }

  function byTemplate(text: string): Reading {
    let best: Reading = { text, letters: 0 }
    for (const template of [...(byBeginning.get(text.slice(0, BEGINNING)) ?? []), ...(byBeginning.get('') ?? [])]) {
      if (!text.includes(template.part)) continue
      const found = template.form.exec(text)?.slice(1)
      if (found === undefined) continue
      const values = found.map((value, i) => valueOf(value, template.values[i]!))
      const ofValues = values.reduce((sum, { letters }) => sum + letters, 0)
      if (template.letters < FEW && found.length > 0 && ofValues === 0) continue
      best = better(best, { text: filled(template.said, values), letters: template.letters + ofValues })
    }
    return best
  }

  function valueOf(value: string, as: Template['values'][number]): Reading {
    if (as === 'name' || value === '') return { text: value, letters: 0 }
    const said = as === 'word' ? wordsOf(value.trim()) : null
    return said === null ? read(value) : { text: said, letters: value.length }
  }

  /** `number`, `text or list`, `3 rows` */
  function wordsOf(value: string): string | null {
    const said = value.split(' or ').map((word) => words[word.toLowerCase()])
    if (said.every((word) => word !== undefined)) return said.join('或')
    const [, count = '', unit = ''] = COUNTED.exec(value) ?? []
    return units[unit] === undefined ? null : `${count} ${units[unit]}`
  }

  /** What stands in brackets: a word, and perhaps more about it. */
  function besideOf(text: string): Reading {
    const [first = '', ...more] = text.split(', ')
    const word = valueOf(first, 'word')
    if (more.length === 0 || word.text === first) return valueOf(text, 'word')
    const rest = read(more.join(', '))
    return { text: `${word.text}，${rest.text}`, letters: word.letters + rest.letters }
  }

  function inParts(text: string): Reading {
    let best: Reading = { text, letters: 0 }
    const marked = MARKED.exec(text)
    if (marked !== null) {
      const [what, beside] = [read(marked[1]!), besideOf(marked[2]!)]
      best = { text: `${what.text}（${beside.text}）`, letters: what.letters + beside.letters }
    }
    for (const [joint, between] of JOINTS) {
      const joints = [...text.matchAll(joint)]
      if (joints.length > MANY) {
        best = better(best, together(text.split(joint).map(read), between))
        continue
      }
      for (const { index, 0: joined } of joints) {
        const [left, right] = [read(text.slice(0, index)), read(text.slice(index + joined.length))]
        const gap = between === '' && !isSaid(left.text) ? ' ' : between
        best = better(best, { text: left.text + gap + right.text, letters: left.letters + right.letters })
      }
    }
    return best.letters > 0 ? best : { text, letters: 0 }
  }

  return { say: (text) => read(text).text, word: (text) => valueOf(text, 'word').text }
}
