/** Which folders are a workspace, who may share one, and what is left of it when its database is lost, the disk is full or read only. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { toErrorShape } from '../../../main/contract/errors.ts'
import { specSchema } from '../../../main/contract/shapes/spec.ts'
import { dailyCopies } from '../../../main/engine/store/copies.ts'
import { copyWorkspace } from '../../../main/engine/store/copy-workspace.ts'
import { Engines } from '../../../main/engine/store/engines.ts'
import { thisMachine, type Machine } from '../../../main/engine/store/machine.ts'
import { repair } from '../../../main/engine/store/repair.ts'
import { reportOf } from '../../../main/engine/store/report.ts'
import { Store } from '../../../main/engine/store/store.ts'
import { tinyManifest } from '../../helpers/job-bodies.ts'
import { needing } from '../../helpers/needs.ts'
import { treeOf } from '../../helpers/tree.ts'
import { withWorkspace } from '../../helpers/workspace.ts'

const FIXTURE = resolve(import.meta.dirname, '../../fixtures/workspaces/0.1.0.tar.gz')
/** the runs in it: a finished two-tower, an item-kNN, one that was stopped */
const OLD_RUNS = ['0v90kv8v', '0v90kxk9', '0v90kygf']

/** A workspace as version 0.1.0 left it. */
function unpackOld(into: string): string {
  execFileSync('tar', ['xzf', FIXTURE, '-C', into])
  return join(into, 'ws')
}

function addDataset(store: Store, name: string): void {
  const folder = join(store.workspace.temporary(), 'dataset')
  mkdirSync(folder)
  const manifest = tinyManifest(name, '2026-01-01T00:00:00.000Z')
  writeFileSync(join(folder, 'dataset.json'), JSON.stringify(manifest))
  store.datasets.add(manifest, folder, false)
}

function messageOf(body: () => unknown): string {
  try {
    body()
  } catch (error) {
    return toErrorShape(error).message
  }
  return 'nothing was thrown'
}

const drained = async <R>(stage: AsyncGenerator<unknown, R>): Promise<R> => {
  for (;;) {
    const next = await stage.next()
    if (next.done === true) return next.value
  }
}

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
    const { spec, dataset } = store.runs.resolve(OLD_RUNS[0]!)
    const created = store.runs.create({ name: 'killed', dataset, spec, threads: 1, owner: 'nobody' })
    mkdirSync(store.workspace.run(created))
    store.close()
    expect(reportOf(home, null).problems).toEqual([])
    for (const name of readdirSync(join(home, 'runs', OLD_RUNS[1]!))) rmSync(join(home, 'runs', OLD_RUNS[1]!, name))
    expect(reportOf(home, null).problems).toEqual([expect.stringContaining(`The files of run ${OLD_RUNS[1]} are gone`)])
  }))

test('a lost, emptied or damaged database is refused, and made anew from records, copies or bare folders', async () => {
  const lose: Record<string, (home: string) => void> = {
    lost: (home) => rmSync(join(home, 'pylon.sqlite')),
    emptied: (home) => truncateSync(join(home, 'pylon.sqlite')),
    damaged: (home) => writeFileSync(join(home, 'pylon.sqlite'), Buffer.alloc(300_000, 7)),
  }
  for (const [how, body] of Object.entries(lose))
    for (const copies of [true, false])
      await withWorkspace(async (folder) => {
        const home = unpackOld(folder)
        new Store(home).close()
        if (!copies) rmSync(join(home, 'backups'), { recursive: true })
        body(home)
        const before = treeOf(home)
        expect(
          messageOf(() => new Store(home)),
          how,
        ).toMatch(/missing, empty or damaged.*1 datasets and 3 runs.*pylon doctor --repair --home/)
        expect(treeOf(home)).toEqual(before)
        const report = await repair(home)
        expect(report.base).toMatch(copies ? /the copy of/ : /the folders alone/)
        expect(report.runs).toEqual(copies ? [] : OLD_RUNS)
        const store = new Store(home)
        expect(store.runs.list().map(({ name, state }) => [name, state])).toEqual([
          ['finished', 'finished'],
          ['knn', 'finished'],
          ['stopped', 'cancelled'],
        ])
        const detail = store.results.detail(store.runs.resolve('finished'), '')
        expect([detail.tags, detail.notes, detail.epochsLog.length]).toEqual([['first', 'good'], 'the first one', 3])
        expect(detail.metrics['recall@20']).toBeCloseTo(0.5667, 4)
        expect(store.curves.steps(OLD_RUNS[2]!, true).step.length).toBeGreaterThan(100)
        store.close()
      })
}, 60_000)

test('a database restored from an older copy loses no run: repair adds what it does not know', async () =>
  withWorkspace(async (folder) => {
    const home = unpackOld(folder)
    const older = join(folder, 'older.sqlite')
    const first = new Store(home)
    first.removeRun(OLD_RUNS[1]!)
    first.database.copyTo(older)
    first.takeBack('knn')
    first.writeRecord(OLD_RUNS[1]!)
    first.close()
    cpSync(older, join(home, 'pylon.sqlite'))
    const next = new Store(home)
    expect(next.runs.list()).toHaveLength(2)
    next.close()
    expect(readdirSync(join(home, 'runs'))).toHaveLength(3)
    expect(await repair(home)).toMatchObject({ base: 'the database itself', runs: [OLD_RUNS[1]] })
    const last = new Store(home)
    expect(last.runs.resolve('knn').state).toBe('finished')
    last.close()
  }))

test('a run of version 0.1.0 without a record is told from its files, and what is lost is said', async () =>
  withWorkspace(async (folder) => {
    const home = unpackOld(folder)
    rmSync(join(home, 'pylon.sqlite'))
    const report = await repair(home)
    expect(report).toMatchObject({ base: 'the folders alone', datasets: ['flats'], runs: OLD_RUNS })
    expect(report.notes[0]).toMatch(/has no record \(version 0.1.0 kept none\): its curves, tags, note and times are lost/)
    const store = new Store(home)
    expect(
      store.runs
        .list()
        .map(({ state }) => state)
        .sort(),
    ).toEqual(['finished', 'finished', 'interrupted'])
    store.close()
  }))

test('a record that is not as it was written is not believed', async () =>
  withWorkspace(async (folder) => {
    const home = unpackOld(folder)
    new Store(home).close()
    rmSync(join(home, 'backups'), { recursive: true })
    rmSync(join(home, 'pylon.sqlite'))
    const path = join(home, 'runs', OLD_RUNS[1]!, 'run.json')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace('0.8333', '0.9333'))
    expect(readFileSync(path, 'utf8')).not.toBe(text)
    expect((await repair(home)).notes[0]).toMatch(/run.json is not as it was written/)
    const store = new Store(home)
    expect(store.results.detail(store.runs.resolve(OLD_RUNS[1]!), '').metrics['recall@20']).toBeCloseTo(0.8333, 4)
    store.close()
  }))

test('a deleted run comes back with its rows, curves and files, as they were', () =>
  withWorkspace((folder) => {
    const home = unpackOld(folder)
    const store = new Store(home)
    const seen = () => ({
      detail: store.results.detail(store.runs.resolve('finished'), ''),
      steps: store.curves.steps(OLD_RUNS[0]!, true),
      files: treeOf(join(home, 'runs', OLD_RUNS[0]!)),
    })
    const before = seen()
    store.removeRun(OLD_RUNS[0]!)
    expect(() => store.runs.resolve('finished')).toThrow(/There is no run/)
    expect(store.takeBack('finished')).toEqual({ kind: 'run', what: OLD_RUNS[0] })
    expect(seen()).toEqual(before)
    store.removeRun(OLD_RUNS[0]!, { forever: true })
    expect([readdirSync(join(home, 'runs')).includes(OLD_RUNS[0]!), store.trash.list()]).toEqual([false, []])
    store.close()
  }))

test('one copy of the database a day, seven kept, and none of a damaged one', () =>
  withWorkspace((home) => {
    const store = new Store(home)
    for (let day = 1; day <= 9; day++) store.copies.makeDaily(new Date(2026, 0, day))
    expect(
      dailyCopies(home)
        .map(({ day }) => day)
        .at(-1),
    ).toBe('2026-01-04')
    expect(dailyCopies(home)).toHaveLength(7)
    const at = statSync(dailyCopies(home)[0]!.path).mtimeMs
    store.copies.makeDaily(new Date())
    expect(statSync(dailyCopies(home)[0]!.path).mtimeMs).toBe(at)
    store.close()
  }))

test('a backup is a workspace of its own; a busy run is left out and said; restoring goes into an empty place alone', async () =>
  withWorkspace(async (folder) => {
    const home = unpackOld(folder)
    const store = new Store(home)
    const busy = store.runs.create({
      name: 'busy',
      dataset: 'flats',
      spec: specSchema.parse({}),
      threads: 1,
      owner: store.workspace.engines.engine,
    })
    store.runs.start(busy)
    const out = join(folder, 'backup')
    const report = await drained(copyWorkspace(home, out))
    expect(report).toMatchObject({
      datasets: 1,
      runs: 3,
      notes: [],
      leftOut: [{ what: `run ${busy}`, reason: expect.stringContaining('running') as string }],
    })
    await expect(drained(copyWorkspace(home, out))).rejects.toThrow(/is not empty/)
    await expect(drained(copyWorkspace(home, join(home, 'inside')))).rejects.toThrow(/lies in the other/)
    await expect(drained(copyWorkspace(folder, join(folder, 'other')))).rejects.toThrow(/is no Pylon workspace/)
    const copy = new Store(out)
    expect(copy.results.detail(copy.runs.resolve('finished'), '')).toEqual(store.results.detail(store.runs.resolve('finished'), ''))
    copy.close()
    // a file that is not what was recorded is told
    appendFileSync(join(home, 'runs', OLD_RUNS[0]!, 'item_vectors.npy'), 'x')
    expect((await drained(copyWorkspace(home, join(folder, 'again')))).notes).toEqual([
      `runs/${OLD_RUNS[0]}/item_vectors.npy is not the file that was recorded: it changed while it was copied, or it is damaged.`,
    ])
    store.close()
  }))

test('a backup that was tampered with writes nothing outside its place, and links in it are left out', async () =>
  withWorkspace(async (folder) => {
    const backup = unpackOld(folder)
    const store = new Store(backup)
    store.database.run('PRAGMA foreign_keys = OFF')
    store.database.run(`UPDATE datasets SET name = '../../esc'`)
    store.database.run(`UPDATE runs SET dataset = '../../esc'`)
    store.close()
    const before = treeOf(folder)
    await expect(drained(copyWorkspace(backup, join(folder, 'x', 'ws')))).rejects.toThrow(/is no name of a run or dataset/)
    expect(treeOf(folder).filter((line) => !before.includes(line) && !/ x(\/|$)/.test(line) && !/^d .* \.$/.test(line))).toEqual([])
  }))

test('a run that is a link is left out of a backup and said; the place of a backup becomes private', async () =>
  withWorkspace(async (folder) => {
    const home = unpackOld(folder)
    new Store(home).close()
    mkdirSync(join(folder, 'secret'))
    writeFileSync(join(folder, 'secret', 's'), 'x')
    rmSync(join(home, 'runs', OLD_RUNS[2]!), { recursive: true })
    symlinkSync(join(folder, 'secret'), join(home, 'runs', OLD_RUNS[2]!))
    const out = join(folder, 'out')
    mkdirSync(out, { mode: 0o777 })
    const before = treeOf(home)
    const { leftOut } = await drained(copyWorkspace(home, out))
    expect(leftOut).toEqual([{ what: `run ${OLD_RUNS[2]}`, reason: 'its folder is a link or no folder' }])
    expect(treeOf(out).some((line) => line.includes(' s '))).toBe(false)
    expect([statSync(out).mode & 0o777, statSync(join(out, 'pylon.sqlite')).mode & 0o777]).toEqual([0o700, 0o600])
    expect(treeOf(home)).toEqual(before)
  }))

test('a project whose runs have a run.json of their own is not taken for a workspace by a repair', () =>
  withWorkspace(async (home) => {
    mkdirSync(join(home, 'runs', 'exp1'), { recursive: true })
    writeFileSync(join(home, 'runs', 'exp1', 'run.json'), '{"lr":1}')
    writeFileSync(join(home, 'workspace.json.bak.part'), '')
    const before = treeOf(home)
    await expect(repair(home)).rejects.toThrow(/is no Pylon workspace/)
    expect(treeOf(home)).toEqual(before)
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
    expect(reportOf(home, null).state).toBe('refused')
  }))

test('a log beside an emptied database is not taken for it', () =>
  withWorkspace((folder) => {
    const home = unpackOld(folder)
    new Store(home).close()
    truncateSync(join(home, 'pylon.sqlite'))
    writeFileSync(join(home, 'pylon.sqlite-wal'), 'x'.repeat(5000))
    expect(messageOf(() => new Store(home))).toMatch(/missing, empty or damaged/)
  }))

const elsewhere: Machine = { host: 'other', boot: 'another-boot' }

test('two engines of one machine share a workspace; one of another machine finds it open and only looks', () =>
  withWorkspace((home) => {
    const first = new Store(home)
    addDataset(first, 'd')
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
      expect(messageOf(() => addDataset(looking, 'e'))).toMatch(/open for reading only.*machine other/)
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
        const looking = new Store(home, { reading: true })
        expect(looking.runs.list()).toHaveLength(3)
        looking.close()
      }
      const again = new Store(home)
      again.removeRun(OLD_RUNS[0]!, { forever: true })
      again.removeRun(OLD_RUNS[1]!)
      expect(again.trash.empty().removed).toBe(1)
      expect(again.runs.list().map(({ id }) => id)).toEqual([OLD_RUNS[2]])
      again.close()
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
      expect(store.curves.steps(OLD_RUNS[2]!, true).step.length).toBeGreaterThan(100)
      expect(messageOf(() => store.removeRun(OLD_RUNS[0]!))).toMatch(/open for reading only/)
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
    expect(reportOf(home, null)).toMatchObject({ state: 'ok', datasets: 1, runs: 3, strays: [], mode: '755' })
    expect(reportOf(join(folder, 'nowhere'), null)).toMatchObject({ state: 'absent', problems: [] })
    expect(reportOf(folder, null).problems[0]).toMatch(/is no Pylon workspace/)
    expect(treeOf(home)).toEqual(before)
  }))
