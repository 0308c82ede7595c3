/** Getting back what was deleted or lost: the trash, the daily copies, backups, and a database made anew. */
import {
  appendFileSync,
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
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { specSchema } from '../../../main/contract/shapes/spec.ts'
import { dailyCopies } from '../../../main/engine/store/daily-copies.ts'
import { copyWorkspace } from '../../../main/engine/store/copy-workspace.ts'
import { repairWorkspace } from '../../../main/engine/store/repair.ts'
import { Store } from '../../../main/engine/store/store.ts'
import { drained, messageOf, OLD_RUNS, unpackOld } from '../../helpers/old-workspace.ts'
import { treeOf } from '../../helpers/tree.ts'
import { withWorkspace } from '../../helpers/workspace.ts'

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
        const report = await repairWorkspace(home)
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
        expect(store.curves.steps(OLD_RUNS[2], true).step.length).toBeGreaterThan(100)
        store.close()
      })
}, 60_000)

test('a database restored from an older copy loses no run: repair adds what it does not know', async () =>
  withWorkspace(async (folder) => {
    const home = unpackOld(folder)
    const older = join(folder, 'older.sqlite')
    const first = new Store(home)
    first.removeRun(OLD_RUNS[1])
    first.database.copyTo(older)
    first.takeBack('knn')
    first.writeRecord(OLD_RUNS[1])
    first.close()
    cpSync(older, join(home, 'pylon.sqlite'))
    const next = new Store(home)
    expect(next.runs.list()).toHaveLength(2)
    next.close()
    expect(readdirSync(join(home, 'runs'))).toHaveLength(3)
    expect(await repairWorkspace(home)).toMatchObject({ base: 'the database itself', runs: [OLD_RUNS[1]] })
    const last = new Store(home)
    expect(last.runs.resolve('knn').state).toBe('finished')
    last.close()
  }))

test('a run of version 0.1.0 without a record is told from its files, and what is lost is said', async () =>
  withWorkspace(async (folder) => {
    const home = unpackOld(folder)
    rmSync(join(home, 'pylon.sqlite'))
    const report = await repairWorkspace(home)
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
    const path = join(home, 'runs', OLD_RUNS[1], 'run.json')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace('0.8333', '0.9333'))
    expect(readFileSync(path, 'utf8')).not.toBe(text)
    expect((await repairWorkspace(home)).notes[0]).toMatch(/run.json is not as it was written/)
    const store = new Store(home)
    expect(store.results.detail(store.runs.resolve(OLD_RUNS[1]), '').metrics['recall@20']).toBeCloseTo(0.8333, 4)
    store.close()
  }))

test('a deleted run comes back with its rows, curves and files, as they were', () =>
  withWorkspace((folder) => {
    const home = unpackOld(folder)
    const store = new Store(home)
    const seen = () => ({
      detail: store.results.detail(store.runs.resolve('finished'), ''),
      steps: store.curves.steps(OLD_RUNS[0], true),
      files: treeOf(join(home, 'runs', OLD_RUNS[0])),
    })
    const before = seen()
    store.removeRun(OLD_RUNS[0])
    expect(() => store.runs.resolve('finished')).toThrow(/There is no run/)
    expect(store.takeBack('finished')).toEqual({ kind: 'run', what: OLD_RUNS[0], runs: [] })
    expect(seen()).toEqual(before)
    store.removeRun(OLD_RUNS[0], { forever: true })
    expect([readdirSync(join(home, 'runs')).includes(OLD_RUNS[0]), store.trash.list()]).toEqual([false, []])
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
    appendFileSync(join(home, 'runs', OLD_RUNS[0], 'item_vectors.npy'), 'x')
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
    rmSync(join(home, 'runs', OLD_RUNS[2]), { recursive: true })
    symlinkSync(join(folder, 'secret'), join(home, 'runs', OLD_RUNS[2]))
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
    await expect(repairWorkspace(home)).rejects.toThrow(/is no Pylon workspace/)
    expect(treeOf(home)).toEqual(before)
  }))

test('a log beside an emptied database is not taken for it', () =>
  withWorkspace((folder) => {
    const home = unpackOld(folder)
    new Store(home).close()
    truncateSync(join(home, 'pylon.sqlite'))
    writeFileSync(join(home, 'pylon.sqlite-wal'), 'x'.repeat(5000))
    expect(messageOf(() => new Store(home))).toMatch(/missing, empty or damaged/)
  }))
