/**
 * What the engine says is for everybody, and names commands and options of a terminal where that is the remedy. On the page the remedy is a
 * place of the page: options of an import are told by the label of their field, commands by where the same is done.
 */
import { splitNames } from '@contract/import-options.ts'
import { fromShellWord } from '@contract/shell-word.ts'
import { dynamic, t } from './texts.ts'

/** Fields of the import, by the options that do the same. */
const FIELDS: Readonly<Record<string, string>> = {
  'missing-ids': 'data.reading.missingIds',
  'bad-rows': 'data.reading.badRows',
  'float-ids': 'data.reading.floatIds',
  'date-format': 'data.reading.dateFormat',
  encoding: 'data.reading.encoding',
  delimiter: 'data.reading.delimiter',
  quote: 'data.reading.quote',
  decimal: 'data.reading.decimal',
  header: 'data.import.header',
  split: 'data.import.split',
  duplicates: 'data.prepare.duplicates',
  map: 'data.column.role',
  'item-columns': 'data.column.role',
  'user-columns': 'data.column.role',
  kinds: 'data.column.kind',
  test: 'data.role.test',
  also: 'data.role.also',
  from: 'data.prepare.from',
}

/** The engine's own sentences are in English, and so is what stands in them. */
const COMMANDS: readonly (readonly [RegExp, string])[] = [
  [/see pylon runs\b/, 'see the page Runs'],
  [/see pylon search\b/, 'see the page Searches'],
  [/see pylon backtests\b/, 'see the tab Backtest of its dataset'],
  [/see pylon segments\b/, 'see the segments beside the map'],
  [/see pylon trash\b/, 'see the trash in Settings'],
  [/import one first: pylon import\b/, 'import one first, on the page Data'],
  [/\b([Gg]o on|finish it) with: pylon train --resume \w+/, '$1 with Resume, on its page'],
  [/\b([Gg]o on) with: pylon search resume \w+/, '$1 with Go on, on the page of the search'],
  [/ \(pylon search (resume|delete) \w+\)/, ', on its page'],
  [/: pylon search promote \w+ --trial (\d+)/, ': promote trial $1 on the page of the search'],
  [/give it more with pylon search add \w+ --trials N/, 'give it more on its page'],
  [/: pylon curve\b/, ', on the page Index'],
  [/: pylon map\b/, ', on the map'],
  [/: pylon rerank\b/, ', by the command of that name'],
  [/: pylon index( --replace)?/, ', on the page Index'],
  [/with "pylon trash empty" or "pylon delete RUN --forever"/, 'by emptying the trash in Settings'],
  [/\(pylon trash empty, or pylon delete RUN --forever\)/, '(by emptying the trash in Settings)'],
  [/choose another --name, or --replace it/, 'choose another name, or replace it'],
  [/under another --name\b/, 'under another name'],
  [/leave out --ann\b/, 'choose the exact search'],
  [/compare the two themselves with --alone/, 'leave the seeds out'],
]

const OPTION = /--([a-z][a-z-]*)(?: ((?:(?!--)[\p{L}\p{M}\p{N}_./:{}|=-])*[\p{L}\p{M}\p{N}_}]|'(?:[^']|'\\'')*'))?/gu

/** Where the web host keeps what a browser gave it: nobody chose that folder, and the file is known by its name. */
const UPLOADS = /\S*[\\/]uploads[\\/]\d+-\d+-\d+[\\/]/g
/** A path as its user knows it. */
export const chosenPath = (path: string): string => path.replaceAll(UPLOADS, '')

/** A sentence of the engine as a page says it. */
export function inPageWords(text: string): string {
  const said = COMMANDS.reduce((so, [command, words]) => so.replace(command, words), chosenPath(text))
  return said.replaceAll(OPTION, (typed: string, option: string, word: string | undefined) => {
    // a sentence that goes on after a blank is no value
    const isProse = word !== undefined && option !== 'unroll' && /^(\p{Script=Han}[^=]*|says|takes|reads|decides|or|and)$/u.test(word)
    if (isProse)
      return `${FIELDS[option] === undefined ? `--${option}` : t('common.field', { label: dynamic(FIELDS[option], option) })} ${word}`
    const value = word === undefined ? undefined : fromShellWord(word)
    if (option === 'unroll' && value !== undefined)
      return t('common.field', { label: t('data.import.unroll', { column: splitNames(value).join(', ') }) })
    const field = FIELDS[option]
    if (field === undefined) return typed
    const at = option === 'split' ? /^time:(.+)$/.exec(value ?? '')?.[1] : undefined
    if (at !== undefined) return t('common.fieldIs', { label: t('data.import.splits.time'), value: at })
    const label = dynamic(field, option)
    return value === undefined
      ? t('common.field', { label })
      : t('common.fieldIs', {
          label,
          value: dynamic(option === 'header' ? `data.import.headers.${value}` : `data.reading.choices.${value}`, value),
        })
  })
}
