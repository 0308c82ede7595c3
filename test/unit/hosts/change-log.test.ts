/** The log of a server's changes: what was acknowledged is there again, a cut tail is told, anything else that is wrong is refused. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { ChangeLog, type LogUse } from '../../../main/hosts/serve/change-log.ts'
import { Changes } from '../../../main/hosts/serve/changes.ts'

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pylon-log-'))
  file = join(folder, 'changes.log')
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
})
const open = (version = 'a', use: LogUse = 'replay'): Promise<Changes> => Changes.open({ folder, version, use })
const stateOf = (changes: Changes): unknown[] => [...changes.changes()]

/** A log with three changes. */
async function filled(): Promise<unknown[]> {
  const changes = await open()
  changes.setItem('put', { title: 'A “title”\n', price: 3 })
  changes.setItem('gone', null)
  await changes.saved()
  changes.addEvents('u', ['i1', 'i2'])
  await changes.saved()
  await changes.close()
  return stateOf(changes)
}

test('all of it is there again; events of a user follow each other', async () => {
  const before = await filled()
  const again = await open()
  expect(stateOf(again)).toEqual(before)
  again.addEvents('u', ['i3'])
  await again.saved()
  await again.close()
  const last = await open()
  expect(last.eventsOf('u')).toEqual(['i1', 'i2', 'i3'])
  expect(last.report(0)).toEqual({ log: file, put: 1, deleted: 1, users: 1, unfit: 0, torn: false })
  await last.close()
})

test('cut anywhere in its last line, it holds what came before, and goes on', async () => {
  const before = await filled()
  const bytes = readFileSync(file)
  const last = bytes.lastIndexOf(10, bytes.length - 2) + 1
  for (let end = last; end < bytes.length; end++) {
    writeFileSync(file, bytes)
    truncateSync(file, end)
    const cut = await open()
    expect(cut.report(0), String(end)).toMatchObject({ torn: end > last, users: 0 })
    cut.addEvents('u', ['i1', 'i2'])
    await cut.saved()
    await cut.close()
    const whole = await open()
    expect(stateOf(whole)).toEqual(before)
    await whole.close()
  }
})

test('a byte changed, a line left out, doubled or moved is refused, naming the line; put aside, it can be begun anew', async () => {
  await filled()
  const text = readFileSync(file, 'utf8')
  const lines = text.trimEnd().split('\n')
  expect(lines).toHaveLength(4)
  const wrong: [string, number][] = [
    [text.replace('price', 'prize'), 2],
    [text.replace('"version"', '"versiom"'), 1],
    [`${[lines[0], ...lines.slice(2)].join('\n')}\n`, 2],
    [`${[...lines, lines[3]].join('\n')}\n`, 5],
    [`${[lines[0], lines[2], lines[1], lines[3]].join('\n')}\n`, 2],
    ['', 1],
  ]
  for (const [damaged, line] of wrong) {
    writeFileSync(file, damaged)
    await expect(open(), damaged).rejects.toThrow(new RegExp(`Line ${line} of .* is not what was written.*--changes discard`))
  }
  writeFileSync(file, wrong[0]![0])
  const anew = await open('a', 'discard')
  expect(stateOf(anew)).toEqual([])
  await anew.close()
  const aside = readdirSync(folder).filter((name) => name.startsWith('changes.log.'))
  expect(aside.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([wrong[0]![0]])
})

test('of a model that never had it it is refused, unless it is carried over; then of both', async () => {
  const before = await filled()
  await expect(open('b')).rejects.toThrow(/is of model a, and b is about to serve.*--changes carry.*--changes discard/)
  for (const [version, use] of [
    ['b', 'carry'],
    ['a', 'replay'],
    ['b', 'replay'],
  ] as const) {
    const opened = await open(version, use)
    expect(stateOf(opened)).toEqual(before)
    await opened.close()
  }
})

test('it is written anew when most of it is out of date, and loses nothing by that', async () => {
  const changes = await open()
  for (let i = 0; i < 2500; i++) {
    changes.setItem(`n${i % 3}`, { i })
    if (i % 50 === 0) await changes.saved()
  }
  changes.swappedTo('b')
  await changes.saved()
  expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThan(1010)
  await changes.close()
  const again = await open('b')
  expect(Object.fromEntries(again.items)).toEqual({ n0: { i: 2499 }, n1: { i: 2497 }, n2: { i: 2498 } })
  await again.close()
})

test('one server at a time has it', async () => {
  const changes = await open()
  await expect(ChangeLog.open({ folder, version: 'a', use: 'replay' })).rejects.toThrow(/Another server keeps its changes.*--state/)
  await changes.close()
  await (await open()).close()
})
