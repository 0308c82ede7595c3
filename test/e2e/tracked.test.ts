/** Runs of another tracker beside those of Pylon on the page, marked and ranked with none; and int8 towers asked for where ONNX is exported. */
import { readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { startJob } from '../../main/contract/rpc.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { importKinds, trainKinds } from '../helpers/four-kinds.ts'
import { violations } from './axe.ts'
import { withPage } from './host.ts'

const copied = (page: Page): Promise<string> => page.evaluate<string>('navigator.clipboard.readText()')

test('tracked runs are drawn over the runs and stand in no table of theirs; int8 towers are a box of the export', () =>
  withPage(
    { context: { permissions: ['clipboard-read', 'clipboard-write'] }, roots: [tmpdir()] },
    async ({ page, client, home, origin }) => {
      await importKinds(client, join(home, 'files'))
      const run = await trainKinds(client, { name: 'tower', epochs: 2 })
      const csv = join(home, 'files', 'rivals.csv')
      await writeFile(csv, 'run,step,metric,value\nrival,1,val_loss,0.5\nrival,2,val_loss,0.1234\nother,1,val_loss,2\n')
      await (
        await startJob(client, 'tracked.import', { path: csv, dataset: 'small' })
      ).finished

      await page.goto(`${origin}/#/compare?runs=${run}&tab=tracked`)
      const rows = page.getByRole('tabpanel').locator('tbody tr')
      await rows.nth(1).waitFor()
      await expect.poll(() => rows.count()).toBe(2)
      await page.getByText('Not measured by Pylon').waitFor()
      expect(await rows.allInnerTexts()).toEqual([
        expect.stringMatching(/other\s+csv\s+2\.0000/),
        expect.stringMatching(/rival\s+csv\s+0\.1234/),
      ])
      const chart = page.getByRole('tabpanel').locator('section', { hasText: 'Their curves over those of the runs' })
      for (const name of ['tower', /^rival \(tracked /, /^other \(tracked /]) await chart.getByRole('button', { name }).first().waitFor()
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: 'Forget rival; where it came from it stays' }).click()
      await expect.poll(() => rows.count()).toBe(1)
      await page.getByRole('tab', { name: 'Metrics' }).click()
      await page.locator('table tbody tr').first().waitFor()
      expect(await page.locator('table tbody').allInnerTexts()).toEqual([expect.not.stringContaining('other')])
      await page.goto(`${origin}/#/runs`)
      await page.locator('.line.entry').first().waitFor()
      expect(await page.locator('.line.entry').count()).toBe(1)

      await page.goto(`${origin}/#/serve?tab=export&run=${run}&format=vectors`)
      const int8 = page.getByRole('checkbox', { name: 'Also int8 towers' })
      await page.getByRole('radio', { name: 'onnx', exact: true }).waitFor()
      expect(await int8.count()).toBe(0)
      await page.getByRole('radio', { name: 'onnx', exact: true }).check()
      await int8.check()
      await page
        .getByRole('button', { name: /command line/i })
        .first()
        .click()
      await expect.poll(() => copied(page)).toMatch(/^pylon export --run=\S+ --format=onnx --int8 --out=/)
      expect(await violations(page)).toEqual([])
      const out = join(await temporaryFolder(), 'towers')
      await (
        await startJob(client, 'runs.export', { run, format: 'onnx', out, int8: true })
      ).finished
      expect(await readdir(out)).toEqual(expect.arrayContaining(['int8.json', 'user_tower.int8.onnx', 'item_tower.int8.onnx']))
    },
  ))
