/** The palette finds a run, an action leaves as the command line that does the same, and what was deleted comes back. */
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../main/start/build.ts'
import { startJob } from '../../main/contract/rpc.ts'
import { importKinds } from '../helpers/four-kinds.ts'
import { violations } from './axe.ts'
import { withPage } from './host.ts'

const clipboard = { permissions: ['clipboard-read', 'clipboard-write'] }

test('a run by typing; a deletion undone; its command line does the same', () =>
  withPage({ context: clipboard, roots: [tmpdir()] }, async ({ page, client, home, origin }) => {
    await importKinds(client, join(home, 'files'))
    const made = await startJob(client, 'runs.start', { dataset: 'small', spec: { model: 'most-popular' }, name: 'plain one' })
    await made.finished
    const { run } = made.started
    const find = async (text: string): Promise<void> => {
      await page.keyboard.press('Control+k')
      await page.keyboard.type(text)
    }
    const option = (name: RegExp | string) => page.getByRole('option', { name })
    await page.getByText('plain one').first().waitFor()

    await find('one plain')
    await option(new RegExp(`^plain one.*${run}`)).waitFor()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url()).toContain(`/runs/${run}`)

    // deleted, taken back, deleted by the line that was copied
    await page.goto(`${origin}/#/runs/${run}`)
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: /Delete/ }).click()
    await page.getByRole('alertdialog').or(page.getByRole('dialog')).getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(async () => (await client.call('runs.list', {})).runs.map((each) => each.run)).toEqual([run])
    await find('pylon delete')
    await option(`Copy: pylon delete ${run}`).click()
    const line = await page.evaluate<string>('navigator.clipboard.readText()')
    const done = spawnSync('sh', ['-c', line.replace('pylon', `'${process.execPath}' '${join(ROOT, 'main', 'bin.js')}'`)], {
      encoding: 'utf8',
    })
    expect([done.stderr, done.status]).toEqual(['', 0])
    await expect.poll(async () => (await client.call('runs.list', {})).runs).toEqual([])
  }))
