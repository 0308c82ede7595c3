/** What crashed processes leave is put right when the next engine opens: runs, half-made folders, replaced datasets. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { specSchema } from '../../../main/contract/shapes/spec.ts'
import { ownerOf, isAlive } from '../../../main/engine/store/owner.ts'
import { Store } from '../../../main/engine/store/store.ts'
import { tinyManifest } from '../../helpers/job-bodies.ts'
import { withWorkspace } from '../../helpers/workspace.ts'

/** A process id that was in use a moment ago. */
function deadPid(): number {
  return spawnSync(process.execPath, ['--version']).pid
}

function addDataset(store: Store, name: string, createdAt = '2026-01-01T00:00:00.000Z'): void {
  const folder = join(store.workspace.temporary(), 'dataset')
  mkdirSync(folder)
  const manifest = tinyManifest(name, createdAt)
  writeFileSync(join(folder, 'dataset.json'), JSON.stringify(manifest))
  store.datasets.add(manifest, folder, true)
}

const spec = specSchema.parse({})

test('the name of an owner tells living from dead, and an old owner from a new process of its number', () => {
  expect(isAlive(ownerOf())).toBe(true)
  expect(isAlive(String(deadPid()))).toBe(false)
  expect(isAlive('nonsense')).toBe(false)
  if (process.platform === 'linux') expect(isAlive(`${process.pid}-1`)).toBe(false)
})

test('a run whose owner is dead becomes interrupted, a living one stays', () =>
  withWorkspace((home) => {
    const first = new Store(home)
    addDataset(first, 'd')
    const dead = first.runs.create({ name: 'dead', dataset: 'd', spec, threads: 1, owner: String(deadPid()) })
    const living = first.runs.create({ name: 'living', dataset: 'd', spec, threads: 1, owner: ownerOf() })
    first.runs.start(dead)
    first.runs.start(living)
    mkdirSync(first.workspace.run(dead))
    writeFileSync(join(first.workspace.run(dead), 'checkpoint.part'), '')
    first.close()
    const next = new Store(home)
    expect(next.runs.resolve(dead)).toMatchObject({
      state: 'interrupted',
      owner: null,
      error: expect.stringContaining(`pylon train --resume ${dead}`) as string,
    })
    expect(next.runs.resolve(living)).toMatchObject({ state: 'running', error: null })
    expect(readdirSync(next.workspace.run(dead))).toEqual([])
    next.close()
  }))

test('folders without a row and the temporary folders of the dead are removed', () =>
  withWorkspace((home) => {
    const first = new Store(home)
    addDataset(first, 'kept')
    first.close()
    for (const folder of [`tmp/${deadPid()}/1`, 'datasets/half', 'runs/nobody']) {
      mkdirSync(join(home, folder), { recursive: true })
      writeFileSync(join(home, folder, 'file'), '')
    }
    const next = new Store(home)
    expect(['tmp', 'datasets', 'runs'].map((folder) => readdirSync(join(home, folder)))).toEqual([[], ['kept'], []])
    next.close()
  }))

test('a dataset that was moved aside by a process that died before its successor was stored comes back', () =>
  withWorkspace((home) => {
    const first = new Store(home)
    addDataset(first, 'd', '2026-01-01T00:00:00.000Z')
    first.close()
    const aside = join(home, 'tmp', String(deadPid()), '1')
    mkdirSync(aside, { recursive: true })
    renameSync(join(home, 'datasets/d'), join(aside, 'replaced-d'))
    mkdirSync(join(home, 'datasets/d'))
    writeFileSync(join(home, 'datasets/d/dataset.json'), JSON.stringify(tinyManifest('d', '2026-02-02T00:00:00.000Z')))
    const next = new Store(home)
    expect(JSON.parse(readFileSync(join(home, 'datasets/d/dataset.json'), 'utf8'))).toMatchObject({ createdAt: '2026-01-01T00:00:00.000Z' })
    expect(existsSync(aside)).toBe(false)
    next.close()
  }))

test('replacing a dataset leaves the new one and nothing aside', () =>
  withWorkspace((home) => {
    const store = new Store(home)
    addDataset(store, 'd', '2026-01-01T00:00:00.000Z')
    addDataset(store, 'd', '2026-02-02T00:00:00.000Z')
    expect(store.datasets.get('d').createdAt).toBe('2026-02-02T00:00:00.000Z')
    expect(JSON.parse(readFileSync(join(home, 'datasets/d/dataset.json'), 'utf8'))).toMatchObject({ createdAt: '2026-02-02T00:00:00.000Z' })
    store.close()
    expect(readdirSync(join(home, 'tmp'))).toEqual([])
  }))

test('a run is found by id, by the newest of a name, and by the beginning of an id', () =>
  withWorkspace((home) => {
    const store = new Store(home)
    addDataset(store, 'd')
    const create = (name: string): string => store.runs.create({ name, dataset: 'd', spec, threads: 1, owner: ownerOf() })
    const [older, newer] = [create('twin'), create('twin')]
    store.database.run(`UPDATE runs SET created_at = '2020-01-01T00:00:00.000Z' WHERE id = ?`, older)
    expect(store.runs.resolve(older).id).toBe(older)
    expect(store.runs.resolve(older.toUpperCase()).id).toBe(older)
    expect(store.runs.resolve('twin').id).toBe(newer)
    const unique = [...newer].findIndex((digit, i) => digit !== older[i]) + 1
    expect(store.runs.resolve(newer.slice(0, unique)).id).toBe(newer)
    expect(() => store.runs.resolve(newer.slice(0, 1))).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringContaining(older) as string }),
    )
    expect(() => store.runs.resolve('twim')).toThrow(/no run "twim": did you mean "twin"\?/)
    store.close()
  }))
