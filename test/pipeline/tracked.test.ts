/** Runs of other trackers by the command line: brought in, listed, compared in a table of their own, brought in again, forgotten. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { type CliResult, pylon, withWorkspace } from '../helpers/workspace.ts'

test('tracked runs stand beside the runs, ranked with none', () =>
  withWorkspace(async (folder) => {
    const ask = (...args: string[]): Promise<CliResult> => pylon(args, { home: join(folder, 'home') })
    const { interactions } = writeSmallMarket(join(folder, 'market'))
    expect((await ask('import', '--name', 'market', '--interactions', interactions)).code).toBe(0)
    expect((await ask('train', '--dataset', 'market', '--recipe', 'most-popular', '--name', 'popular')).code).toBe(0)
    const csv = join(folder, 'rivals.csv')
    writeFileSync(csv, 'run,step,metric,value\nals,1,recall@20,0.4\nals,2,recall@20,0.99\nsgd,1,loss,2\n')

    const brought = await ask('import-tracked', csv, '--dataset', 'market', '--json')
    expect(brought.json, brought.stderr).toMatchObject({ kind: 'csv', replaced: 0, notes: [] })
    const [als] = brought.json!['tracked'] as { tracked: string }[]
    expect(als).toMatchObject({ name: 'als', dataset: 'market', from: 'rivals.csv: als', metrics: { 'recall@20': 0.99 } })

    const compared = await ask('compare', 'popular', '--tracked', 'als')
    expect(compared.code, compared.stderr).toBe(0)
    const [measured, told] = compared.stdout.split('tracked ')
    expect(measured).toContain('popular')
    expect(measured).not.toContain('0.9900')
    expect(told).toContain('0.9900')
    expect(told).toContain('Not measured by Pylon')
    expect((await ask('runs', '--json')).json!['runs']).toHaveLength(1)

    const report = await ask('report', 'popular', '--tracked', 'als', '--parts', 'metrics,tracked', '--json')
    expect(report.json, report.stderr).toMatchObject({ parts: ['metrics', 'tracked'], empty: [] })
    const [before, section] = String(report.json!['html']).split('Tracked elsewhere</h2>')
    expect(before).not.toContain('0.9900')
    expect(section).toMatch(/als[^]*table, a row a point[^]*0\.9900[^]*Not measured by Pylon/)

    writeFileSync(csv, 'run,step,metric,value\nals,1,recall@20,0.5\n')
    const again = await ask('import-tracked', csv, '--dataset', 'market', '--json')
    expect(again.json).toMatchObject({ replaced: 1, tracked: [{ tracked: als!.tracked, metrics: { 'recall@20': 0.5 } }] })

    const { json, stderr } = await ask('import-tracked', csv, '--dataset', 'nowhere', '--json')
    expect(json!['error'], stderr).toMatchObject({ code: 'not-found' })
    expect((await ask('tracked', 'delete', 'als')).code).toBe(0)
    expect((await ask('tracked', '--json')).json!['tracked']).toHaveLength(1)
  }))
