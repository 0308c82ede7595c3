/** Which folders are a workspace, who may share one, and what is left of it when the disk is full or read only. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { dailyCopies } from '../../../main/engine/store/daily-copies.ts'
import { Engines } from '../../../main/engine/store/engines.ts'
import { thisMachine, type Machine } from '../../../main/engine/store/machine.ts'
import { workspaceReport } from '../../../main/engine/store/report.ts'
import { Store } from '../../../main/engine/store/store.ts'
import { needing } from '../../helpers/needs.ts'
import { addTinyDataset, messageOf, OLD_RUNS, unpackOld } from '../../helpers/old-workspace.ts'
import { treeOf } from '../../helpers/tree.ts'
import { withWorkspace } from '../../helpers/workspace.ts'

test('a folder that is not empty and no workspace is refused with the remedy, whatever its folders are called', () =>
  withWorkspace((home) => {
    for (const folder of ['runs/exp1', 'datasets/raw', 'tmp/1']) mkdirSync(join(home, folder), { recursive: true })
    writeFileSync(join(home, 'runs/exp1/model.pt'), 'weights')
    writeFileSync(join(home, 'workspace.json'), '{"name":"my-monorepo"}')
    writeFileSync(join(home, 'pylon.sqlite'), 'not a database')
    const before = treeOf(home)
    expect(messageOf(() => new Store(home))).toMatch(/is no Pylon workspace.*nothing in it was touched.*--home/)
    expect(treeOf(home)).toEqual(before)
  }))

test('a new workspace is private, and what a system leaves in an empty folder is no obstacle', () =>
  withWorkspace((home) => {
    writeFileSync(join(home, '.DS_Store'), '')
    new Store(home).close()
    expect(statSync(home).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(home).filter((each) => statSync(join(home, each)).isDirectory()))
      expect(statSync(join(home, name)).mode & 0o777).toBe(0o700)
    new Store(home).close()
  }))

test('a workspace of version 0.1.0 is adopted: nothing moves, its runs are there, and each gets its record', () =>
  withWorkspace((folder) => {
    const home = unpackOld(folder)
    const before = treeOf(home, { times: false }).filter((line) => !line.includes('pylon.sqlite'))
    const store = new Store(home)
    expect(store.runs.list().map(({ id, name, state }) => [id, name, state])).toEqual([
      [OLD_RUNS[0], 'finished', 'finished'],
      [OLD_RUNS[1], 'knn', 'finished'],
      [OLD_RUNS[2], 'stopped', 'cancelled'],
    ])
    store.close()
    const after = new Set(treeOf(home, { times: false }))
    expect(before.filter((line) => !after.has(line) && !/^d \d+ \.$/.test(line))).toEqual([])
    for (const run of OLD_RUNS) expect(readdirSync(join(home, 'runs', run))).toContain('run.json')
  }))

test('the doctor misses the files of a run that had some, not of one that was killed before its first', () =>
  withWorkspace((folder) => {
    const home = unpackOld(folder)
    const store = new Store(home)
    const { spec, dataset } = store.runs.resolve(OLD_RUNS[0])
    const created = store.runs.create({ name: 'killed', dataset, spec, threads: 1, owner: 'nobody' })
    mkdirSync(store.workspace.run(created))
    store.close()
    expect(workspaceReport(home, null).problems).toEqual([])
    for (const name of readdirSync(join(home, 'runs', OLD_RUNS[1]))) rmSync(join(home, 'runs', OLD_RUNS[1], name))
    expect(workspaceReport(home, null).problems).toEqual([expect.stringContaining(`The files of run ${OLD_RUNS[1]} are gone`)])
  }))

test('odd things in the places of our own files are no bugs', () =>
  withWorkspace((folder) => {
    const home = unpackOld(folder)
    mkdirSync(join(home, 'reserve'))
    mkdirSync(join(home, 'backups', 'pylon-2020-01-01.sqlite'), { recursive: true })
    for (let day = 1; day <= 8; day++) writeFileSync(join(home, 'backups', `pylon-2036-01-0${day}.sqlite`), '')
    new Store(home).close()
    expect(dailyCopies(home).filter(({ day }) => !day.startsWith('2036'))).toHaveLength(1)
    rmSync(join(home, 'pylon.sqlite'))
    mkdirSync(join(home, 'pylon.sqlite'))
    expect(messageOf(() => new Store(home))).toMatch(/missing, empty or damaged/)
    expect(workspaceReport(home, null).state).toBe('refused')
  }))

const elsewhere: Machine = { host: 'other', boot: 'another-boot' }

test('two engines of one machine share a workspace; one of another machine finds it open and only looks', () =>
  withWorkspace((home) => {
    const first = new Store(home)
    addTinyDataset(first, 'd')
    const second = new Store(home)
    expect([second.workspace.viewed, second.workspace.engines.others().length]).toEqual([null, 1])
    second.close()
    // the same workspace over a shared file system
    const far = new Engines(home, elsewhere)
    expect(far.enter('engine')).toMatchObject({ engine: first.workspace.engines.engine, machine: thisMachine() })
    first.close()
    expect(far.enter('engine')).toBeNull()
    const looking = new Store(home)
    try {
      expect(looking.workspace.viewed).toMatch(/open on the machine other.*close it there/)
      expect(looking.datasets.list()).toHaveLength(1)
      expect(messageOf(() => addTinyDataset(looking, 'e'))).toMatch(/open for reading only.*machine other/)
      expect(messageOf(() => looking.database.run('DELETE FROM datasets'))).toMatch(/may only be read/)
    } finally {
      looking.close()
      far.leave()
    }
    expect(readdirSync(join(home, 'engines'))).toEqual([])
    const after = new Store(home)
    expect([after.workspace.viewed, after.datasets.list().length]).toEqual([null, 1])
    after.close()
  }))

test('an engine of another machine that was silent for long is dead, and so is one whose beat is of a clock that was ahead', () =>
  withWorkspace((home) => {
    mkdirSync(join(home, 'engines'))
    const far = new Engines(home, elsewhere)
    const here = new Engines(home)
    expect(far.enter('engine')).toBeNull()
    expect(here.isAlive(far.engine)).toBe(true)
    for (const time of ['5 minutes ago', '2036-01-01']) {
      execFileSync('touch', ['-d', time, join(home, 'engines', `${far.engine}.beat`)])
      expect(here.isAlive(far.engine), time).toBe(false)
    }
    far.leave()
  }))

test('an engine that was killed is known as dead at once, one that was only stopped is not', async () =>
  withWorkspace(async (home) => {
    const source = `
      import { Store } from ${JSON.stringify(resolve(import.meta.dirname, '../../../main/engine/store/store.ts'))}
      const store = new Store(${JSON.stringify(home)})
      process.stdout.write(store.workspace.engines.engine)
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { stdio: ['ignore', 'pipe', 'inherit'] })
    const engine = await new Promise<string>((done) => child.stdout.once('data', (text: Buffer) => done(String(text))))
    const engines = new Engines(home)
    expect(engines.isAlive(engine)).toBe(true)
    child.kill('SIGSTOP')
    expect(engines.isAlive(engine)).toBe(true)
    const dead = new Promise((done) => child.once('exit', done))
    child.kill('SIGKILL')
    await dead
    expect(engines.isAlive(engine)).toBe(false)
  }))

const mounting = needing('right:mount')

mounting.test('a full disk is a clear error, and runs can still be deleted', () =>
  withWorkspace((folder) => {
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=60m', 'tmpfs', disk])
    try {
      const home = unpackOld(disk)
      new Store(home).close()
      spawnSync('sh', ['-c', 'cat /dev/zero > "$0"', join(disk, 'filler')])
      const store = new Store(home)
      expect(messageOf(() => writeFileSync(join(home, 'tmp', 'big'), Buffer.alloc(64 * 2 ** 20)))).toMatch(
        /disk is full.*pylon trash empty/,
      )
      rmSync(join(home, 'tmp', 'big'), { force: true })
      spawnSync('sh', ['-c', 'cat /dev/zero >> "$0"', join(disk, 'filler')])
      store.close()
      // what others write into the room that the reserve gives up does not end it
      for (let time = 0; time < 3; time++) {
        spawnSync('sh', ['-c', 'cat /dev/zero >> "$0"', join(disk, 'filler')])
        new Store(home).close()
      }
      spawnSync('sh', ['-c', 'cat /dev/zero >> "$0"', join(disk, 'filler')])
      // looking spends no reserve, and works without one
      for (let look = 0; look < 2; look++) {
        const looking = new Store(home, { purpose: 'look' })
        expect(looking.runs.list()).toHaveLength(3)
        looking.close()
      }
      const again = new Store(home)
      again.removeRun(OLD_RUNS[0], { forever: true })
      again.removeRun(OLD_RUNS[1])
      expect(again.trash.empty().removed).toBe(1)
      expect(again.runs.list().map(({ id }) => id)).toEqual([OLD_RUNS[2]])
      again.close()
    } finally {
      execFileSync('umount', ['-l', disk])
    }
  }),
)

mounting.test('with not a byte free and no reserve left, a host looks on, and what frees space still works', () =>
  withWorkspace((folder) => {
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk])
    try {
      const home = unpackOld(disk)
      new Store(home).close()
      // a small disk has a small reserve
      expect(statSync(join(home, 'reserve')).size).toBeGreaterThanOrEqual(256 * 1024)
      const fill = (): unknown => spawnSync('sh', ['-c', 'cat /dev/zero >> "$0"', join(disk, 'filler')])
      rmSync(join(home, 'reserve'))
      fill()
      const staying = new Store(home, { purpose: 'stay' })
      expect(staying.runs.list()).toHaveLength(3)
      expect(messageOf(() => staying.removeRun(OLD_RUNS[0]))).toMatch(
        /reading only. The disk is full. Free some space .*then open it again/,
      )
      staying.close()
      expect(dailyCopies(home)).toHaveLength(1)
      expect(messageOf(() => new Store(home))).toMatch(/disk is full/)
      expect(dailyCopies(home)).toHaveLength(1)
      const freeing = new Store(home, { purpose: 'free' })
      freeing.removeRun(OLD_RUNS[0], { forever: true })
      fill()
      freeing.removeRun(OLD_RUNS[1], { forever: true })
      freeing.close()
      const looking = new Store(home, { purpose: 'look' })
      expect(looking.runs.list().map(({ id }) => id)).toEqual([OLD_RUNS[2]])
      looking.close()
    } finally {
      execFileSync('umount', ['-l', disk])
    }
  }),
)

mounting.test('a workspace on a read-only disk can be looked at', () =>
  withWorkspace((folder) => {
    const home = unpackOld(folder)
    execFileSync('mount', ['--bind', home, home])
    execFileSync('mount', ['-o', 'remount,ro,bind', home])
    try {
      const before = treeOf(home)
      const store = new Store(home)
      expect(store.workspace.viewed).toMatch(/cannot write/)
      expect(store.runs.list()).toHaveLength(3)
      expect(store.curves.steps(OLD_RUNS[2], true).step.length).toBeGreaterThan(100)
      expect(messageOf(() => store.removeRun(OLD_RUNS[0]))).toMatch(/open for reading only/)
      store.close()
      expect(treeOf(home)).toEqual(before)
    } finally {
      execFileSync('umount', [home])
    }
  }),
)

test('a look at a workspace changes nothing in it', () =>
  withWorkspace((folder) => {
    const home = unpackOld(folder)
    chmodSync(home, 0o755)
    const before = treeOf(home)
    expect(workspaceReport(home, null)).toMatchObject({ state: 'ok', datasets: 1, runs: 3, strays: [], mode: '755' })
    expect(workspaceReport(join(folder, 'nowhere'), null)).toMatchObject({ state: 'absent', problems: [] })
    expect(workspaceReport(folder, null).problems[0]).toMatch(/is no Pylon workspace/)
    expect(treeOf(home)).toEqual(before)
  }))
