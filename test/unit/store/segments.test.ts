/** Segments in the trash when the engine that deletes one dies: before its row went it stays, after that it can be taken back. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repairWorkspace } from '../../../main/engine/store/repair.ts'
import { Store } from '../../../main/engine/store/store.ts'
import { addTinyDataset } from '../../helpers/old-workspace.ts'
import { withWorkspace } from '../../helpers/workspace.ts'

const DEAD = 'e0123456z.moving'

test('a deletion that was cut off leaves a segment either where it is or in the trash', () =>
  withWorkspace((home) => {
    const store = new Store(home)
    const segment = store.segments.create({ name: 'few', dataset: 'd', items: ['i1', 'i,2'], tags: ['b', 'a'] })
    const before = store.segments.resolve('few')
    store.close()
    const entry = join(home, 'trash', `0abcdefg.${DEAD}`)
    mkdirSync(entry)
    const kept = { kind: 'segment', name: 'few', segment }
    writeFileSync(join(entry, 'entry.json'), JSON.stringify({ version: 1, deletedAt: '2026-02-02T00:00:00.000Z', kept }))

    const next = new Store(home)
    expect([next.segments.list(), existsSync(entry), next.trash.list()]).toEqual([[before], false, []])
    next.removeSegment(segment, { forever: false })
    const [deleted] = next.trash.list()
    renameSync(join(home, 'trash', deleted!.id), join(home, 'trash', `${deleted!.id}.${DEAD}`))
    next.close()

    const last = new Store(home)
    expect([last.segments.list(), last.trash.list()]).toEqual([[], [deleted]])
    // its name was given away meanwhile
    const other = last.segments.create({ name: 'few', dataset: 'd', items: ['i3'], tags: [] })
    expect(() => last.takeBack('few')).toThrow(/has a segment "few" already/)
    expect(last.trash.list()).toEqual([deleted])
    last.segments.edit(other, { name: 'others' })
    expect(last.takeBack('few')).toEqual({ kind: 'segment', what: segment, runs: [] })
    expect([last.segments.resolve(segment), last.segments.items(segment)]).toEqual([before, ['i1', 'i,2']])
    last.close()
  }))

test('segments are there again where the database is made anew from the folders alone, deleted ones are not', () =>
  withWorkspace(async (home) => {
    const store = new Store(home)
    addTinyDataset(store, 'd')
    const few = store.segments.create({ name: 'few', dataset: 'd', items: ['i1', 'i,2'], tags: ['b', 'a'] })
    const gone = store.segments.create({ name: 'gone', dataset: 'd', items: ['i1'], tags: [] })
    store.segments.edit(few, { name: 'the few', tags: ['c'] })
    store.removeSegment(gone, { forever: false })
    const before = store.segments.list()
    store.close()
    // a row of version 0.13.0, which had no file
    rmSync(join(home, 'segments', `${few}.json`))
    new Store(home).close()
    expect(readdirSync(join(home, 'segments'))).toEqual([`${few}.json`])

    for (const name of ['pylon.sqlite', 'pylon.sqlite-wal', 'pylon.sqlite-shm', 'backups'])
      rmSync(join(home, name), { recursive: true, force: true })
    writeFileSync(join(home, 'segments', 'odd.json'), '{}')
    const { base, notes } = await repairWorkspace(home)
    expect([base, notes]).toEqual(['the folders alone', ['segments/odd.json stays where it is, unknown: it is no file of a segment.']])
    const next = new Store(home)
    expect([next.segments.list(), next.segments.items(few)]).toEqual([before, ['i1', 'i,2']])
    expect(next.takeBack('gone')).toEqual({ kind: 'segment', what: gone, runs: [] })
    expect(readdirSync(join(home, 'segments')).sort()).toEqual([`${few}.json`, `${gone}.json`, 'odd.json'].sort())
    next.close()
  }))
