/** A search by mouse: set up around a recipe, watched live, stopped and gone on with, its pictures looked through, its winner promoted. */
import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/folder.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { startJob } from '../../main/contract/rpc.ts'
import { valued } from '../../main/contract/search-picture.ts'
import { violations } from './axe.ts'
import { withPage } from './host.ts'
import { savedPicture } from './saved.ts'

const patient = <T>(read: () => T) => expect.poll(read, { timeout: 300_000 })

test('set up, watch, stop, go on, look through, promote', { timeout: 900_000 }, async () => {
  const files = await temporaryFolder()
  const { interactions, items } = writeSmallMarket(files)
  await withPage({ roots: [files] }, async ({ page, client, origin }) => {
    page.setDefaultTimeout(60_000)
    await (
      await startJob(client, 'datasets.import', { name: 'small', interactions, items })
    ).finished
    await page.goto(`${origin}/#/searches`)
    await page.getByText('No search yet').waitFor()
    await page.getByRole('button', { name: 'New search' }).first().click()
    await page.getByRole('row', { name: /training\.batchSize/ }).waitFor()
    expect(await violations(page)).toEqual([])
    // few and short trials
    await page.getByLabel('user.output: Choices').fill('8, 16')
    await page.getByLabel('Another field, by its path').fill('training.epochs')
    await page.getByRole('button', { name: 'Add' }).click()
    await page.getByLabel('training.epochs from').fill('2')
    await page.getByLabel('training.epochs to').fill('3')
    await page
      .getByRole('row', { name: /training\.epochs/ })
      .getByLabel('whole')
      .setChecked(true)
    await page.getByLabel('Trials', { exact: true }).fill('6')
    await page.getByLabel('Finals', { exact: true }).fill('2')
    await page.getByRole('button', { name: 'Start the search' }).click()

    await page.getByRole('heading', { name: 'Best so far' }).waitFor()
    const search = async () => client.call('search.show', { search: 'two-tower' })
    await patient(async () => (await search()).best !== null).toBe(true)
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByRole('button', { name: 'Go on' }).click()
    await patient(async () => (await search()).state).toBe('finished')
    await page.getByRole('heading', { name: 'Finals' }).waitFor()
    expect(await violations(page)).toEqual([])
    for (const tab of ['Fields', 'Trials', 'File']) {
      await page.getByRole('tab', { name: tab }).click()
      expect(await violations(page)).toEqual([])
      if (tab !== 'Fields') continue
      // the picture of the trials that is drawn here
      const parallel = await savedPicture(page, page.getByRole('region', { name: 'Parallel coordinates' }).locator('.leaves'))
      const drawn = valued((await search()).list)
      expect(parallel.rows).toHaveLength(1 + drawn.length)
      expect(parallel.rows[0]).toEqual(expect.arrayContaining(['training.epochs', 'user.output', 'ndcg@20']))
      expect(parallel.shapes).toBeGreaterThanOrEqual(drawn.length)
    }
    await page.getByRole('button', { name: 'Promote the winner' }).click()
    await patient(async () => (await search()).promoted.length).toBe(1)
    const [run] = (await search()).promoted
    await page.getByRole('heading', { name: 'two-tower' }).first().waitFor()
    await patient(async () => (await client.call('runs.show', { run: run! })).state).toBe('finished')
  })
})
