/**
 * Names and explanations of a spec's fields. English comes from the contract: the key in words, and its description. Another language
 * has a table by name (`hidden`, `history.maxLength`, `tower.hidden`: the longest that fits wins) and falls back to English.
 */
import { isPlain } from '@contract/plain.ts'
import { specTexts as zh } from '@/locales/zh/spec.ts'
import { language, type Language, t } from '@/composables/texts.ts'
import type { SpecNode, Variant } from '../spec/tree.ts'

/** A name, and what it does (empty: the contract's words). */
export type SpecText = readonly [label: string, text: string]

const tables: { readonly [L in Language]?: Readonly<Record<string, SpecText>> } = { zh }

/** In a description: `null: chosen on the validation part`. */
const CHOSEN = /\bnull: [^;]*\bon the validation part\b/

export interface SpecTexts {
  /** @param name dotted path without indices, with the variants passed: `tower.features.history.maxLength` */
  readonly label: (name: string) => string
  /** what it does, and its default */
  readonly hint: (name: string, node: SpecNode) => string
  /** what a field that is null says in its place: some are chosen by Pylon, as their description in the contract tells */
  readonly empty: (node: SpecNode) => string
  readonly variant: (name: string, variant: Variant) => SpecText
  /** a word of a choice: `relu` */
  readonly option: (name: string, value: string) => string
}

export function useSpecTexts(): SpecTexts {
  const find = (name: string): SpecText | null => longestSuffixEntry(tables[language.value], name)
  return {
    label: (name) => find(name)?.[0] ?? keyInWords(name.slice(name.lastIndexOf('.') + 1)),
    hint: (name, node) => {
      const text = find(name)?.[1] ?? ''
      const said = sentence(text === '' ? node.description : text)
      const fallback = shown(node.fallback, (value) => find(`${name}.${value}`)?.[0] ?? value)
      return [said, fallback === '' ? '' : t('newRun.default', { value: fallback })].filter((part) => part !== '').join(' ')
    },
    empty: ({ description }) => t(CHOSEN.test(description) ? 'newRun.chosen' : 'newRun.off'),
    variant: (name, { value, description }) => {
      const found = find(`${name}.${value}`)
      return [found?.[0] ?? value, found?.[1] !== undefined && found[1] !== '' ? found[1] : description]
    },
    option: (name, value) => find(`${name}.${value}`)?.[0] ?? value,
  }
}

/** The entry of the longest suffix of a dotted name. */
export function longestSuffixEntry(table: Readonly<Record<string, SpecText>> | undefined, name: string): SpecText | null {
  const parts = name.split('.')
  for (let from = 0; from < parts.length; from++) {
    const key = parts.slice(from).join('.')
    if (table !== undefined && Object.hasOwn(table, key)) return table[key]!
  }
  return null
}

/** `layerNorm` → `Layer norm`; `logQ` stays itself. */
export function keyInWords(key: string): string {
  if (/^log[A-Z]$/.test(key)) return key
  const text = key
    .replace(/([a-z0-9])([A-Z])/g, (_, before: string, letter: string) => `${before} ${letter.toLowerCase()}`)
    .replaceAll('-', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** English has a capital where it begins with a word: a symbol (λ, τ1, s of a weight) or a code (f16, n-gram) stays itself. */
function sentence(text: string): string {
  if (text === '') return ''
  const isChinese = language.value === 'zh'
  const first = isChinese ? text : text.replace(/^(?:a|[a-z]{2,})(?![\w@^(])/, (word) => word.charAt(0).toUpperCase() + word.slice(1))
  return /[.!?。]$/.test(first) ? first : first + (isChinese ? '。' : '.')
}

/** A default in words: of an object its kind; empty for what is none, or more than a line says. */
function shown(value: unknown, word: (value: string) => string): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return word(value)
  if (Array.isArray(value)) return value.map(String).join(', ')
  if (isPlain(value)) return typeof value['kind'] === 'string' ? word(value['kind']) : ''
  return JSON.stringify(value)
}
