/**
 * What goes on after something ended: files taken from the host's own folders, an engine killed in mid-training and its run resumed, a
 * finished run trained with other seeds and duplicated. Pictures are kept in `out/journeys/again/`.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startJob } from '../../main/contract/rpc.ts'
import { forkEngine } from '../../main/hosts/fork-engine.ts'
import type { EngineProcess } from '../../main/hosts/engine-supervisor.ts'
import { ROOT } from '../../main/start/build.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { violations } from './axe.ts'
import { connectClient, withPage } from './host.ts'

const PICTURES = join(ROOT, 'out', 'journeys', 'again')

/** 60 users, each with eight of the 30 items of a taste. */
const plays = (): string =>
  `user,item,time\n${Array.from({ length: 480 }, (_, i) => `u${i % 60},i${(i % 3) + 3 * ((i * 7 + (i >> 3)) % 30)},2024-03-${String((i % 28) + 1).padStart(2, '0')}`).join('\n')}\n`

test('chosen from the host, interrupted, resumed, paused, trained again', { timeout: 600_000 }, async () => {
  const root = await temporaryFolder()
  await mkdir(PICTURES, { recursive: true })
  await mkdir(join(root, 'music'))
  await writeFile(join(root, 'music', 'plays.csv'), plays())
  const engines: EngineProcess[] = []
  const fork = (...args: Parameters<typeof forkEngine>): EngineProcess => {
    const engine = forkEngine(...args)
    engines.push(engine)
    return engine
  }
  await withPage({ roots: [root], fork }, async ({ page, host, client }) => {
    page.setDefaultTimeout(180_000)
    const picture = (name: string): Promise<unknown> => page.screenshot({ path: join(PICTURES, `${name}.png`) })
    const header = page.locator('header').first()
    const go = (hash: string): Promise<unknown> => page.goto(`${page.url().split('#')[0]}#${hash}`)
    const more = async (entry: string): Promise<void> => {
      await page.getByRole('button', { name: 'More', exact: true }).click()
      await page.getByRole('menuitem', { name: entry }).click()
    }

    // the host's folders, as far as they were named
    await page.getByRole('navigation').first().waitFor()
    await go('/data?import=1')
    await page.getByRole('button', { name: 'Browse the host…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: /pylon-/ }).click()
    await dialog.getByRole('button', { name: 'music' }).click()
    await dialog.getByRole('button', { name: /plays\.csv/ }).waitFor()
    await picture('01-browse')
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: /plays\.csv/ }).click()
    await page.getByLabel('Name of the dataset').fill('music')
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByText('Long tail').waitFor()

    // killed in the middle of training
    const long = await startJob(client, 'runs.start', {
      dataset: 'music',
      recipe: 'mf-softmax',
      name: 'long',
      set: ['training.epochs=100000', 'training.earlyStopping=null'],
    })
    void long.finished.catch(() => undefined)
    await go(`/runs/${long.started.run}`)
    await page.getByText(/^training · epoch/).waitFor()
    await page.reload()
    await page.getByText(/^training · epoch/).waitFor()
    const banner = page.locator('.banner')
    const told = banner.waitFor().then(() => picture('02-engine-lost'))
    engines[0]!.kill()
    await told
    await page.getByText('The engine is back').waitFor()
    await header.getByText('interrupted').waitFor()
    await page.getByText('The process of this run ended in the middle.').waitFor()
    await picture('03-interrupted')
    expect(await violations(page)).toEqual([])

    // it goes on, and is paused
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByText(/^training · epoch/).waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('This run is paused.').waitFor()
    await picture('04-paused')
    client.close()

    // a finished one, with other seeds and as the start of another
    const other = await connectClient(host)
    const short = await startJob(other, 'runs.start', { dataset: 'music', recipe: 'mf-softmax', name: 'short', set: ['training.epochs=2'] })
    await short.finished
    other.close()
    await go(`/runs/${short.started.run}`)
    await header.getByText('finished').waitFor()
    await more('Train again with another seed…')
    await dialog.getByRole('textbox', { name: 'Seeds' }).fill('2, x')
    await dialog.getByText('Write whole numbers and ranges').waitFor()
    await dialog.getByRole('textbox', { name: 'Seeds' }).fill('2, 3')
    await picture('05-retrain')
    expect(await violations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Train 2 runs' }).click()
    await page.waitForURL(/#\/compare\?runs=\w+,\w+,\w+/)
    await page.getByText('2 runs queued').waitFor()
    await picture('06-retrained')

    await go(`/runs/${short.started.run}`)
    await more('Duplicate and change…')
    await page.getByLabel('Epochs', { exact: true }).fill('3')
    await page.keyboard.press('Tab')
    const start = page.getByRole('button', { name: 'Start', exact: true })
    await expect.poll(() => start.isEnabled(), { timeout: 180_000 }).toBe(true)
    await picture('07-duplicate')
    await start.click()
    await page.waitForURL(/#\/runs\/\w+/)
    await header.getByText('finished').waitFor()
    expect(page.url()).not.toContain(short.started.run)
  })
})
