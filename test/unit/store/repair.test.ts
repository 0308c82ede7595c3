/** What crashed processes leave is put right when the next engine opens, by moving; nothing is removed. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { specSchema } from '../../../main/contract/shapes/spec.ts'
import { processName, isProcess } from '../../../main/engine/store/process-name.ts'
import { writeRecord } from '../../../main/engine/store/run-record.ts'
import { Store } from '../../../main/engine/store/store.ts'
import { moveStraysToTrash, straysIn } from '../../../main/engine/store/strays.ts'
import { tinyManifest } from '../../helpers/job-bodies.ts'
import { needing } from '../../helpers/needs.ts'
import { addTinyDataset } from '../../helpers/old-workspace.ts'
import { withWorkspace } from '../../helpers/workspace.ts'

/** A process id that was in use a moment ago. */
function deadPid(): number {
  return spawnSync(process.execPath, ['--version']).pid
}

const addDataset = (store: Store, name: string, createdAt?: string): void =>
  addTinyDataset(store, name, { ...(createdAt !== undefined && { createdAt }), replace: true })

const createdAt = (home: string, dataset: string): string =>
  (JSON.parse(readFileSync(join(home, 'datasets', dataset, 'dataset.json'), 'utf8')) as { createdAt: string }).createdAt

const spec = specSchema.parse({})

test('the name of a process tells living from dead', () => {
  expect(isProcess(processName())).toBe(true)
  expect(isProcess(String(deadPid()))).toBe(false)
  expect(isProcess('nonsense')).toBe(false)
})

needing('platform:linux').test('an old process is told from a new one of its number', () => {
  expect(isProcess(`${process.pid}-1`)).toBe(false)
})

test('a run whose owner is dead becomes interrupted, a living one stays', () =>
  withWorkspace((home) => {
    const first = new Store(home)
    addDataset(first, 'd')
    const dead = first.runs.create({ name: 'dead', dataset: 'd', spec, threads: 1, owner: String(deadPid()) })
    const gone = first.runs.create({ name: 'gone', dataset: 'd', spec, threads: 1, owner: 'e0123456z' })
    const old = first.runs.create({ name: 'living, of version 0.1.0', dataset: 'd', spec, threads: 1, owner: processName() })
    const living = first.runs.create({ name: 'living', dataset: 'd', spec, threads: 1, owner: first.workspace.engines.engine })
    for (const run of [dead, gone, old, living]) first.runs.start(run)
    const next = new Store(home)
    for (const run of [dead, gone])
      expect(next.runs.resolve(run)).toMatchObject({
        state: 'interrupted',
        owner: null,
        error: expect.stringContaining(`pylon train --resume ${run}`) as string,
      })
    for (const run of [old, living]) expect(next.runs.resolve(run)).toMatchObject({ state: 'running', error: null })
    expect(() => next.runs.claim(living, next.workspace.engines.engine)).toThrow(/only a stopped run can be resumed/)
    expect(() => next.removeRun(living)).toThrow(/stop it first/)
    next.close()
    first.close()
    const last = new Store(home)
    expect(last.runs.resolve(living).state).toBe('interrupted')
    last.close()
  }))

test('what no row knows and what the dead left stays until it is asked for, and then goes to the trash', () =>
  withWorkspace((home) => {
    const first = new Store(home)
    addDataset(first, 'kept')
    const run = first.runs.create({ name: 'r', dataset: 'kept', spec, threads: 1, owner: 'nobody' })
    first.close()
    const left = [`tmp/${deadPid()}/1`, 'tmp/e0123456z/1', 'datasets/half', 'runs/nobody', `runs/${run}`]
    for (const folder of left) {
      mkdirSync(join(home, folder), { recursive: true })
      writeFileSync(join(home, folder, folder.endsWith(run) ? 'weights.1-2.part' : 'file'), 'x')
    }
    for (const folder of ['', 'tmp', 'datasets', 'runs', 'trash', 'engines', 'backups']) writeFileSync(join(home, folder, '.DS_Store'), '')
    const next = new Store(home)
    const strays = straysIn(next)
    expect(strays.map(({ path, what }) => [path.replace(/\/\d+$/, '/PID'), what])).toEqual([
      ['datasets/half', 'dataset'],
      ['runs/nobody', 'run'],
      [`runs/${run}/weights.1-2.part`, 'part'],
      ...[
        ['tmp/PID', 'temporary'],
        ['tmp/e0123456z', 'temporary'],
      ],
    ])
    for (const folder of left) expect(readdirSync(join(home, folder))).toHaveLength(1)
    moveStraysToTrash(next.trash, home, strays)
    expect(straysIn(next)).toEqual([])
    expect(
      next.trash
        .list()
        .map(({ what }) => what.replace(/\/\d+$/, '/PID'))
        .sort(),
    ).toEqual(strays.map(({ path }) => path.replace(/\/\d+$/, '/PID')).sort())
    next.takeBack('runs/nobody')
    expect(readFileSync(join(home, 'runs/nobody/file'), 'utf8')).toBe('x')
    next.close()
    for (const folder of ['', 'tmp', 'datasets', 'runs', 'trash', 'backups']) expect(existsSync(join(home, folder, '.DS_Store'))).toBe(true)
  }))

test('a dataset that was moved aside by a process that died before its successor was stored comes back', () =>
  withWorkspace((home) => {
    const first = new Store(home)
    addDataset(first, 'd', '2026-01-01T00:00:00.000Z')
    const manifest = first.datasets.get('d')
    first.close()
    // as it lies between the two moves and the commit
    const entry = join(home, 'trash', '0abcdefg.e0123456z.moving')
    mkdirSync(entry)
    writeFileSync(
      join(entry, 'entry.json'),
      JSON.stringify({ version: 1, deletedAt: '2026-02-02T00:00:00.000Z', kept: { kind: 'dataset', name: 'd', manifest } }),
    )
    renameSync(join(home, 'datasets/d'), join(entry, 'content'))
    mkdirSync(join(home, 'datasets/d'))
    writeFileSync(join(home, 'datasets/d/dataset.json'), JSON.stringify(tinyManifest('d', '2026-02-02T00:00:00.000Z')))
    const next = new Store(home)
    expect(createdAt(home, 'd')).toBe('2026-01-01T00:00:00.000Z')
    expect(next.trash.list().map(({ kind, what }) => [kind, what])).toEqual([['stray', 'datasets/d']])
    next.close()
  }))

test('a deletion that was stored before its process died ends in the trash', () =>
  withWorkspace((home) => {
    const first = new Store(home)
    addDataset(first, 'd')
    first.datasets.remove('d')
    const [entry] = first.trash.list()
    renameSync(join(home, 'trash', entry!.id), join(home, 'trash', `${entry!.id}.e0123456z.moving`))
    first.close()
    const next = new Store(home)
    expect(next.datasets.find('d')).toBeNull()
    expect(next.trash.list()).toEqual([entry])
    expect(next.takeBack('d')).toEqual({ kind: 'dataset', what: 'd', runs: [] })
    expect([next.datasets.get('d').name, createdAt(home, 'd'), next.trash.list()]).toEqual(['d', '2026-01-01T00:00:00.000Z', []])
    next.close()
  }))

test('replacing a dataset puts the one before, or a folder that no row knew, into the trash', () =>
  withWorkspace((home) => {
    const store = new Store(home)
    mkdirSync(join(home, 'datasets/d'))
    writeFileSync(join(home, 'datasets/d/mine'), 'x')
    addDataset(store, 'd', '2026-01-01T00:00:00.000Z')
    addDataset(store, 'd', '2026-02-02T00:00:00.000Z')
    expect(store.datasets.get('d').createdAt).toBe('2026-02-02T00:00:00.000Z')
    expect(createdAt(home, 'd')).toBe('2026-02-02T00:00:00.000Z')
    expect(
      store.trash
        .list()
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['dataset', 'stray'])
    expect(() => store.takeBack('d')).toThrow(/There is a dataset "d" already/)
    expect(store.trash.list()).toHaveLength(2)
    expect(store.trash.empty().removed).toBe(2)
    store.close()
    expect(readdirSync(join(home, 'tmp'))).toEqual([])
  }))

test('a run is found by id, by the newest of a name, and by the beginning of an id', () =>
  withWorkspace((home) => {
    const store = new Store(home)
    addDataset(store, 'd')
    const create = (name: string): string => store.runs.create({ name, dataset: 'd', spec, threads: 1, owner: 'nobody' })
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

/** An entry of the trash as a process of version 0.2.0 leaves it when it dies in the middle. */
function unsettled(home: string, kept: unknown, owner = 'e0123456z'): string {
  const entry = join(home, 'trash', `0abcdefg.${owner}.moving`)
  mkdirSync(entry)
  if (kept !== null) writeFileSync(join(entry, 'entry.json'), JSON.stringify({ version: 1, deletedAt: '2026-02-02T00:00:00.000Z', kept }))
  return entry
}

test('a deletion that died before it moved anything leaves all where it is', () =>
  withWorkspace((home) => {
    const first = new Store(home)
    addDataset(first, 'd')
    const run = first.runs.create({ name: 'r', dataset: 'd', spec, threads: 1, owner: 'nobody' })
    mkdirSync(join(home, 'runs', run))
    writeFileSync(join(home, 'runs', run, 'weights'), 'x')
    const manifest = first.datasets.get('d')
    first.close()
    for (const kept of [{ kind: 'run', name: 'r', run }, { kind: 'dataset', name: 'd', manifest }, null]) {
      const entry = unsettled(home, kept)
      const next = new Store(home)
      expect([existsSync(entry), next.trash.list()]).toEqual([false, []])
      expect([readFileSync(join(home, 'runs', run, 'weights'), 'utf8'), createdAt(home, 'd')]).toEqual(['x', '2026-01-01T00:00:00.000Z'])
      next.close()
    }
  }))

test('what a living engine is deleting is its own affair', () =>
  withWorkspace((home) => {
    const first = new Store(home)
    addDataset(first, 'd')
    const entry = unsettled(home, { kind: 'dataset', name: 'd', manifest: first.datasets.get('d') }, first.workspace.engines.engine)
    renameSync(join(home, 'datasets/d'), join(entry, 'content'))
    const second = new Store(home)
    expect([existsSync(join(entry, 'content')), second.trash.list()]).toEqual([true, []])
    second.close()
    first.close()
    const third = new Store(home)
    expect(createdAt(home, 'd')).toBe('2026-01-01T00:00:00.000Z')
    third.close()
  }))

test('names that would climb out of the workspace are refused wherever they come from', () =>
  withWorkspace((folder) => {
    const home = join(folder, 'home')
    const store = new Store(home)
    addDataset(store, 'd')
    mkdirSync(join(folder, 'victim'))
    writeFileSync(join(folder, 'victim', 'mine'), 'x')
    const victim = '../../victim'
    store.database.run(`INSERT INTO runs (id, name, dataset, model, spec, threads, state, created_at)
      VALUES ('${victim}', 'vic', 'd', 'two-tower', '${JSON.stringify(spec)}', 1, 'failed', 't')`)
    for (const forever of [true, false]) expect(() => store.removeRun(victim, { forever })).toThrow(/is no name of a run or dataset/)
    const record = { version: 1 as const, run: 'r1', protocols: {}, tables: { runs: [{ id: victim, dataset: 'd' }] }, steps: null }
    expect(() => writeRecord(store.database, record, 'r1')).toThrow(/has rows of another one/)
    const entry = join(home, 'trash', '0abcdefg')
    mkdirSync(join(entry, 'content'), { recursive: true })
    for (const kept of [
      { kind: 'stray', name: 'planted', from: '../planted' },
      { kind: 'run', name: 'planted', run: '../../planted' },
    ]) {
      writeFileSync(join(entry, 'entry.json'), JSON.stringify({ version: 1, deletedAt: 't', kept }))
      expect(() => store.takeBack('planted')).toThrow(/is no name of a run or dataset|There is no "planted"/)
    }
    expect(store.trash.empty().removed).toBe(1)
    store.close()
    expect([readdirSync(folder), readdirSync(join(folder, 'victim'))]).toEqual([['home', 'victim'], ['mine']])
  }))

test('a broken entry of the trash is listed and can be emptied', () =>
  withWorkspace((home) => {
    const store = new Store(home)
    for (const text of ['{', null]) {
      const entry = join(home, 'trash', text === null ? '0aaaaaaa' : '0bbbbbbb')
      mkdirSync(entry)
      if (text !== null) writeFileSync(join(entry, 'entry.json'), text)
    }
    expect(store.trash.list().map(({ kind, what }) => [kind, what])).toEqual(
      expect.arrayContaining([
        ['stray', 'trash/0aaaaaaa'],
        ['stray', 'trash/0bbbbbbb'],
      ]),
    )
    expect(store.trash.empty().removed).toBe(2)
    expect(readdirSync(join(home, 'trash'))).toEqual([])
    store.close()
  }))
