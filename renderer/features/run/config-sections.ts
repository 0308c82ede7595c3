/** A spec as sections that can be read: one a part of the model, each a list of names and values; features are lines of their own. */
import { isPlain, type Plain } from '@contract/plain.ts'
import { shortText } from '@contract/short-text.ts'

export interface ConfigSection {
  /** key of the spec; '' for what stands at its top */
  readonly key: string
  readonly facts: readonly { readonly path: string; readonly value: string }[]
  /** lists of objects, a line each */
  readonly lists: readonly { readonly path: string; readonly lines: readonly ConfigLine[] }[]
}

export interface ConfigLine {
  /** the line's `kind` */
  readonly kind: string
  /** its name or column */
  readonly name: string
  readonly rest: string
}

export function sectionsOf(spec: object): ConfigSection[] {
  const entries = Object.entries(spec)
  const top = entries.filter(([, value]) => !isPlain(value)).map(([path, value]) => ({ path, value: shortText(value) }))
  const parts = entries.flatMap(([key, value]) => (isPlain(value) ? [sectionOf(key, value)] : []))
  return [{ key: '', facts: top, lists: [] }, ...parts]
}

function sectionOf(key: string, value: Plain): ConfigSection {
  const facts: { path: string; value: string }[] = []
  const lists: { path: string; lines: ConfigLine[] }[] = []
  const walk = (part: Plain, before: string): void => {
    for (const [name, inner] of Object.entries(part)) {
      const path = before === '' ? name : `${before}.${name}`
      if (isPlain(inner)) walk(inner, path)
      else if (Array.isArray(inner) && inner.some(isPlain)) lists.push({ path, lines: inner.filter(isPlain).map(lineOf) })
      else facts.push({ path, value: shortText(inner) })
    }
  }
  walk(value, '')
  return { key, facts, lists }
}

function lineOf({ kind, name, column, ...rest }: Plain): ConfigLine {
  const of = column ?? name
  const more = column !== undefined && name !== undefined && name !== column ? { name, ...rest } : rest
  return {
    kind: shortText(kind),
    name: of === undefined ? '' : shortText(of),
    rest: Object.entries(more)
      .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
      .map(([key, value]) => `${key} ${shortText(value)}`)
      .join(' · '),
  }
}
