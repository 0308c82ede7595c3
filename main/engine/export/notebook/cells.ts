/**
 * Jupyter's format (nbformat 4.5): the cells of a script in the percent format, which editors know (`# %%` begins one), and outputs that are
 * already there, so that a notebook reads well before anybody runs it.
 */

/** A frame as pandas shows it. */
export interface Frame {
  readonly columns: readonly string[]
  readonly indexName?: string
  readonly rows: readonly { readonly index: string; readonly cells: readonly (string | number | null)[] }[]
}

export type Output = { readonly text: string } | { readonly frame: Frame } | { readonly svg: string; readonly label: string }

type Source = { readonly kind: 'markdown' | 'code'; readonly name: string; readonly text: string }

/** The cells of a script, with `{{words}}` filled in; what stands before the first belongs to none. @throws Error for a word that is not given */
function cellsOf(script: string, words: Readonly<Record<string, string>>): Source[] {
  const filled = script.replaceAll(/\{\{(\w+)\}\}/g, (_, word: string) => {
    if (words[word] === undefined) throw new Error(`The script asks for {{${word}}}.`)
    return words[word]
  })
  return [...filled.matchAll(/^# %%( \[markdown\])?(?: (\w+))?\n([^]*?)(?=^# %%|(?![^]))/gm)].map(([, markdown, name = '', body]) =>
    markdown === undefined
      ? { kind: 'code', name, text: body!.trim() }
      : { kind: 'markdown', name, text: body!.trim().replaceAll(/^# ?/gm, '') },
  )
}

/**
 * @param outputs of code cells by their names; null leaves a cell out, code or not
 */
export function notebookOf(
  script: string,
  words: Readonly<Record<string, string>>,
  outputs: Readonly<Record<string, readonly Output[] | null>>,
): object {
  const cells = cellsOf(script, words)
    .filter(({ name }) => outputs[name] !== null)
    .map(({ kind, name, text }, i) => {
      const shared = { cell_type: kind, id: kind === 'code' ? name : `text-${i}`, metadata: {}, source: linesOf(text) }
      return kind === 'markdown' ? shared : { ...shared, execution_count: null, outputs: (outputs[name] ?? []).map(outputOf) }
    })
  return {
    cells,
    metadata: {
      kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
      language_info: { name: 'python', file_extension: '.py', mimetype: 'text/x-python' },
    },
    nbformat: 4,
    nbformat_minor: 5,
  }
}

function outputOf(output: Output): object {
  if ('text' in output) return { output_type: 'stream', name: 'stdout', text: linesOf(output.text) }
  const data =
    'svg' in output
      ? { 'image/svg+xml': linesOf(output.svg), 'text/plain': [output.label] }
      : { 'text/html': linesOf(frameHtml(output.frame)), 'text/plain': linesOf(frameText(output.frame)) }
  return { output_type: 'display_data', data, metadata: {} }
}

/** As nbformat stores texts: lines with their ends. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []

/** pandas' `display.precision` and `display.max_colwidth`, as the notebook sets them. */
const [PRECISION, WIDEST] = [4, 48]

function cellText(cell: string | number | null): string {
  if (cell === null) return 'NaN'
  if (typeof cell === 'number') return Number.isNaN(cell) ? 'NaN' : cell.toFixed(PRECISION)
  const signs = [...cell]
  return signs.length > WIDEST ? `${signs.slice(0, WIDEST - 4).join('')}...` : cell
}

function frameHtml({ columns, indexName, rows }: Frame): string {
  const heads = [['', ...columns], ...(indexName === undefined ? [] : [[indexName, ...columns.map(() => '')]])]
  return [
    '<table border="1" class="dataframe">',
    '  <thead>',
    ...heads.flatMap((cells) => [
      '    <tr style="text-align: right;">',
      ...cells.map((cell) => `      <th>${escapeHtml(cell)}</th>`),
      '    </tr>',
    ]),
    '  </thead>',
    '  <tbody>',
    ...rows.flatMap(({ index, cells }) => [
      '    <tr>',
      `      <th>${escapeHtml(index)}</th>`,
      ...cells.map((cell) => `      <td>${escapeHtml(cellText(cell))}</td>`),
      '    </tr>',
    ]),
    '  </tbody>',
    '</table>',
  ].join('\n')
}

function frameText({ columns, indexName, rows }: Frame): string {
  const table = [
    ['', ...columns],
    ...(indexName === undefined ? [] : [[indexName]]),
    ...rows.map(({ index, cells }) => [index, ...cells.map(cellText)]),
  ]
  const widths = ['', ...columns].map((_, i) => Math.max(...table.map((row) => (row[i] ?? '').length)))
  return table
    .map((row) => widths.map((width, i) => (i === 0 ? (row[i] ?? '').padEnd(width) : (row[i] ?? '').padStart(width))).join('  '))
    .join('\n')
}

const escapeHtml = (text: string): string => text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]!)
