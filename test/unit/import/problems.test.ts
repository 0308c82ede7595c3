/** What is said of files has a code and values, so that a page has it in its language; a sentence that is worded anew is worded anew there. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PROBLEM_TEXTS, saidProblem, type SaidPlace } from '../../../main/contract/shapes/problem.ts'
import { inspectInput } from '../../../main/contract/verbs/datasets.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { inspectFiles } from '../../../main/engine/import/inspect-files.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { filesIn } from './imported.ts'

const inWords = ({ file, line, row, column }: SaidPlace): string =>
  `${file}${line === '' ? '' : `:${line}`}${row === '' ? '' : `:row ${row}`}${column === '' ? '' : ` column "${column}"`}`
const rows = (...lines: string[]): Record<string, string> => ({ 'i.csv': `${lines.join('\n')}\n` })
const NAMES = 'user,item,rating,time'

test.each<[string, Record<string, string | Buffer>, object]>([
  ['user-id-empty', rows(NAMES, ',p,1,2024-01-01', 'b,q,2,2024-01-02'), {}],
  ['id-words', rows(NAMES, 'NULL,p,1,2024-01-01', 'None,q,2,2024-01-02', 'b,q,2,2024-01-02'), {}],
  ['row-without-id', rows(NAMES, 'NULL,p,1,2024-01-01', 'b,q,2,2024-01-02'), { missingIds: 'drop' }],
  ['rows-without-id', rows(NAMES, 'NULL,p,1,2024-01-01', 'NULL,q,1,2024-01-01', 'b,q,2,2024-01-02'), { missingIds: 'drop' }],
  ['cell-empty', rows(NAMES, 'a,p,1,', 'b,q,2,2024-01-02', 'b,p,2,2024-01-02'), {}],
  ['no-time', rows(NAMES, 'a,p,1,soon', 'b,q,2,2024-01-02', 'b,p,2,2024-01-02'), {}],
  ['no-number', rows(NAMES, 'a,p,inf,2024-01-01', 'b,q,2,2024-01-02', 'b,p,3,2024-01-02'), {}],
  ['other-epoch', rows(NAMES, 'a,p,1,1700000000', 'b,q,2,1700000001', 'b,p,2,1700000000000'), {}],
  ['time-unknown', rows(NAMES, 'a,p,1,soon', 'b,q,2,later'), {}],
  ['days-undecided', rows(NAMES, 'a,p,1,01/02/2024', 'b,q,2,03/02/2024'), {}],
  ['two-ways', rows(NAMES, 'a,p,1,13/02/2024', 'b,q,2,01/02/2024', 'b,p,2,02/14/2024'), {}],
  ['empty-beside-words', rows(NAMES, 'NULL,p,1,2024-01-01', ',q,2,2024-01-02', 'b,q,2,2024-01-02'), { missingIds: 'keep' }],
  ['count-undecided', rows(NAMES, 'a,p,1,45292', 'b,q,2,45293'), {}],
  ['row-width', rows(NAMES, 'a,p,1,2024-01-01', 'b,q', 'b,p,2,2024-01-02', 'c,p,2,2024-01-02'), {}],
  ['floating-ids', rows(NAMES, '1.0,p,1,2024-01-01', '2.0,q,2,2024-01-02'), {}],
  ['near-duplicates', rows(NAMES, 'a,p,1,2024-01-01', 'A,q,2,2024-01-02'), {}],
  ['blanks-around', rows('user,item', '"a ",p', '"b ",q', '"b ",p'), {}],
  ['first-line-above', rows('sep=;', NAMES.replaceAll(',', ';'), 'a;p;1;2024-01-01', 'b;q;2;2024-01-02'), {}],
  ['comments', rows('# one', '# two', NAMES, 'a,p,1,2024-01-01', 'b,q,2,2024-01-02'), {}],
  ['encoding', { 'i.csv': Buffer.from(`${NAMES}\na,caf\xe9,1,2024-01-01\nb,q,2,2024-01-02\n`, 'latin1') }, {}],
  ['weight-not-used', rows(NAMES, 'a,p,good,2024-01-01', 'b,q,bad,2024-01-02'), {}],
  ['no-event', rows('user,item,event', 'a,p,view', 'a,q,buy'), { positives: 'bye' }],
  ['leaves-nothing', rows(NAMES, 'a,p,1,2024-01-01', 'b,q,2,2024-01-02'), { minWeight: 9 }],
  ['role-unknown', rows('x,y', 'a,', 'b,'), { header: 'yes' }],
  ['one-column', rows('x', 'a', 'b'), { header: 'yes' }],
  ['names-again', rows(NAMES, 'a,p,1,2024-01-01', NAMES, 'b,q,2,2024-01-02'), {}],
  ['byte-unknown', { 'i.csv': Buffer.from(`${NAMES}\na,M\x81ller,1,2024-01-01\nb,q,2,2024-01-02\n`, 'latin1') }, {}],
])('%s', async (code, files, input) => {
  const folder = await filesIn(files)
  const { problems } = await drain(
    inspectFiles({
      input: inspectInput.parse({ interactions: join(folder, 'i.csv'), ...input }),
      scratch: join(await temporaryFolder(), 'look'),
      threads: 1,
    }),
  )
  const said = problems.map(({ message }) => ({ message, said: saidProblem(message) }))
  const found = said.find((each) => each.said?.code === code)
  expect(found, JSON.stringify(said)).toBeDefined()
  // filled in again it is the sentence that was said
  const { values, place } = found!.said!
  const text = PROBLEM_TEXTS[found!.said!.code].replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name]!)
  expect(place === null ? text : `${inWords(place)}: ${text}`).toBe(found!.message)
})

test('what no page has words for stays as it is', () => {
  expect(saidProblem('i.csv:3: something else.')).toBeNull()
})
