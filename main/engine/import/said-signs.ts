/** How text is written, where a person says so: signs of all files, or of one by its name (`--delimiter items.csv=tab`). */
import { basename } from 'node:path'
import { badInput } from '../../contract/errors.ts'
import { parseSigns } from '../../contract/import-options.ts'
import { didYouMean, listNames } from '../../contract/did-you-mean.ts'
import type { ImportInput } from '../../contract/verbs.ts'
import type { Source } from './relation.ts'

const SIGN_OPTIONS = ['delimiter', 'quote', 'escape', 'comment'] as const
type SignOption = (typeof SIGN_OPTIONS)[number]

/** Options of how text files are written. */
export type TextOption = 'header' | 'encoding' | 'badRows' | SignOption
type TextOptions = Pick<ImportInput, TextOption>

const SIGNS: Readonly<Record<string, string>> = {
  tab: '\t',
  '\\t': '\t',
  comma: ',',
  semicolon: ';',
  pipe: '|',
  space: ' ',
  backslash: '\\',
  equals: '=',
  double: '"',
  none: '',
}
const MAX_SIGN = 8

/** A table as it is said to be written. @throws PylonError bad-input for a sign that is none */
export function tableSource(path: string, { header, encoding, badRows, ...said }: TextOptions): Source {
  const signs = SIGN_OPTIONS.flatMap((option) => {
    const { all, files } = parseSigns(said[option] ?? '')
    const sign = files.find(([file]) => isCalled(path, file))?.[1] ?? all
    return sign === null || sign === '' ? [] : [[option, signOf(option, sign)] as const]
  })
  return { path, header, encoding, badRows, ...Object.fromEntries(signs) }
}

/** @throws PylonError bad-input for a file that a sign is said of and that is none of these */
export function refuseUnknownFiles(said: Partial<TextOptions>, paths: readonly string[]): void {
  for (const option of SIGN_OPTIONS)
    for (const [file] of parseSigns(said[option] ?? '').files)
      if (!paths.some((path) => isCalled(path, file))) {
        const names = paths.map((path) => basename(path))
        throw badInput(`There is no file "${file}"; ${didYouMean(file, names)}the files are ${listNames(names)}.`, `--${option}`)
      }
}

const isCalled = (path: string, file: string): boolean => path === file || basename(path) === file

/** A sign, or its name where a shell or a page makes it hard to type. */
function signOf(option: SignOption, typed: string): string {
  const sign = SIGNS[typed.toLowerCase()] ?? typed
  if (sign.length <= (option === 'delimiter' ? MAX_SIGN : 1)) return sign
  const words = option === 'delimiter' ? 'tab, comma, semicolon, pipe, space' : 'none, backslash'
  throw badInput(
    `"${typed}" is no sign: pass ${option === 'delimiter' ? 'one' : 'a single one'}, or ${words}; of one file FILE=SIGN.`,
    `--${option}`,
  )
}
