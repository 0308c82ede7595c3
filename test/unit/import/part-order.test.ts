/** Rows of several files keep their order and their numbers, whatever they are joined with. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Duck } from '../../../main/engine/dataset/duck.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { ANY_PATH } from '../../../main/engine/files/path-guard.ts'
import { openTable } from '../../../main/engine/import/parts.ts'
import { numberedSql, type Source } from '../../../main/engine/import/relation.ts'
import { sourceContext } from '../../../main/engine/import/sources.ts'
import { unrolling } from '../../../main/engine/import/unroll.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { filesIn, importFrom } from './imported.ts'

const rows = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, k) => `u${(from + k) % 9},i${(from + k) % 7},${from + k} ${from + k}\n`).join('')
const parts = { 'log/a.csv': `user,item,n\n${rows(0, 100)}`, 'log/b.csv': rows(100, 130), 'log/c.csv': `n,user,item\nlast,u1,i1\n` }

test('rows of parts have the numbers that their places are told by, below a join too', async () => {
  const folder = await filesIn(parts)
  const duck = await Duck.open({ threads: 2, memoryLimit: '200MB', spillIn: await temporaryFolder() })
  try {
    const context = sourceContext(duck, await temporaryFolder(), ANY_PATH)
    const path = join(folder, 'log')
    await duck.run(`CREATE TABLE some_items AS SELECT 'i' || range AS item FROM range(7)`)
    const numbers = async (source: Source): Promise<Set<string>> => {
      const relation = await drain(openTable(source, context))
      const numbered = await numberedSql(duck, relation, { cells: 'item, n', number: 'r' })
      const seen = new Set<string>()
      for (let k = 0; k < 60; k++) {
        const found = await duck.rows(`SELECT r, n FROM (${numbered}) JOIN some_items USING (item) ORDER BY r`)
        seen.add(found.map(({ r, n }) => `${String(r)}=${String(n)}`).join(' '))
      }
      return seen
    }
    const plain = [...Array.from({ length: 130 }, (_, k) => `${k}=${k} ${k}`), '130=last']
    expect([...(await numbers({ path }))]).toEqual([plain.join(' ')])
    const entries = [...Array.from({ length: 260 }, (_, k) => `${k}=${k >> 1}`), '260=last']
    expect([...(await numbers({ path, query: unrolling(['n'], { path }) }))]).toEqual([entries.join(' ')])
  } finally {
    await duck.close()
  }
})

test('of several files without times the last row of the last one counts, and both places are told', async () => {
  const folder = await filesIn({
    'log/a.csv': `user,item,name\n${rows(0, 100).replaceAll(/,\d+ .*/g, ',old')}`,
    'log/b.csv': 'u1,i1,new\n',
  })
  const options = { interactions: 'log', itemColumns: 'name', userColumns: 'none' }
  for (let k = 0; k < 4; k++) {
    const { manifest } = await importFrom(folder, options)
    expect(manifest.warnings.join()).toContain('Of "i1" it is "new" (b.csv:1), and not "old" (a.csv:101).')
  }
})
