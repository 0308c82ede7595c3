/** What another process changed, asked of a real file through two connections. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ForeignChanges } from '../../../main/engine/store/changes.ts'
import { Database } from '../../../main/engine/store/database.ts'
import { withWorkspace } from '../../helpers/workspace.ts'

const NONE = { runs: [], datasets: [], searches: [], segments: [] }

test('the first look names nothing where nobody else wrote, and all that there is where somebody did since the opening', () =>
  withWorkspace((home) => {
    const [mine, theirs] = [new Database(join(home, 'x.sqlite')), new Database(join(home, 'x.sqlite'))]
    const add = (database: Database, name: string): void => void database.run(`INSERT INTO datasets VALUES (?, 't', 'c', '{}')`, name)
    add(mine, 'a')
    const changes = new ForeignChanges(mine)
    expect([changes.look(), changes.look()]).toEqual([null, null])
    add(theirs, 'b')
    expect(changes.look()).toEqual({ ...NONE, datasets: ['b'] })
    theirs.run(`DELETE FROM datasets WHERE name = 'a'`)
    expect(changes.look()).toEqual({ ...NONE, datasets: ['a'] })

    // written between an opening and its first look
    const opened = new ForeignChanges(mine)
    add(theirs, 'c')
    expect([opened.look(), opened.look()]).toEqual([{ ...NONE, datasets: ['b', 'c'] }, null])
    mine.close()
    theirs.close()
  }))
