/**
 * Names and explanations of a spec's fields. English comes from the contract: the key in words, and its description. Another language
 * has a table by name (`hidden`, `history.maxLength`, `tower.hidden`: the longest that fits wins) and falls back to English.
 */
import { specTexts as zh } from '@/locales/zh/spec.ts'
import { language, type Language, t } from '@/composables/texts.ts'
import type { SpecNode, Variant } from '../spec/tree.ts'

/** A name, and what it does (empty: the contract's words). */
export type SpecText = readonly [label: string, text: string]

const tables: { readonly [L in Language]?: Readonly<Record<string, SpecText>> } = { zh }

export interface SpecTexts {
  /** @param name dotted path without indices, with the variants passed: `tower.features.history.maxLength` */
  readonly label: (name: string) => string
  /** what it does, and its default */
  readonly hint: (name: string, node: SpecNode) => string
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
      const fallback = node.fallback === undefined || isLarge(node.fallback) ? '' : t('newRun.default', { value: shown(node.fallback) })
      return [said, fallback].filter((part) => part !== '').join(' ')
    },
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

function sentence(text: string): string {
  if (text === '') return ''
  const first = text.charAt(0).toUpperCase() + text.slice(1)
  if (/[.!?。]$/.test(first)) return first
  return first + (language.value === 'zh' ? '。' : '.')
}

const isLarge = (value: unknown): boolean => typeof value === 'object' && value !== null && JSON.stringify(value).length > 40

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
