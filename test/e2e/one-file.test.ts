/** One CSV with everything: what it tells of items and users is found, corrected by hand, imported, and a new run has features of it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import en from '../../renderer/locales/en/all.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { violations } from './axe.ts'
import { withPage } from './host.ts'

/** 60 customers with twenty orders each of 40 products; the price changes at a quarter of them. */
function orders(): string {
  let state = 7
  const below = (n: number): number => (state = (state * 48_271) % 2_147_483_647) % n
  const rows = Array.from({ length: 60 * 20 }, (_, k) => {
    const [customer, product] = [k % 60, below(40)]
    const price = 9.5 + product + (product % 4 === 0 && k > 600 ? 1 : 0)
    return `c${customer},p${product},2026-03-${String(1 + Math.floor(k / 50)).padStart(2, '0')},"The thing, no. ${product}",${['shoes', 'books', 'toys'][product % 3]},${price},${['Porto', 'Faro'][customer % 2]},${['web', 'app'][below(2)]}`
  })
  return `customer_id,product_id,ordered_at,product_name,category,price,city,device\n${rows.join('\n')}\n`
}

test('from one file to a new run with features of title, category and a price that was chosen', { timeout: 300_000 }, async () => {
  const file = join(await temporaryFolder(), 'orders.csv')
  await writeFile(file, orders())
  await withPage({}, async ({ page, client, origin }) => {
    page.setDefaultTimeout(60_000)
    await page.getByRole('link', { name: en.runs.emptyData, exact: true }).click()
    await page.getByRole('button', { name: 'Choose files…' }).waitFor()
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choose files…' }).click()
    await (await chooser).setFiles(file)
    const card = page.getByRole('region', { name: 'orders.csv' })
    const roleOf = (column: string) => card.getByLabel(`Role: ${column}`, { exact: true })
    await roleOf('price').waitFor()
    const roles = (): Promise<(string | null)[]> =>
      Promise.all(['product_name', 'category', 'price', 'city', 'device'].map((column) => roleOf(column).textContent()))
    expect((await roles()).map((text) => text?.trim())).toEqual(['title', 'of the item', '–', 'of the user', '–'])
    await card.getByText(/it varies within 25 % of the items/).waitFor()
    await roleOf('price').click()
    await page.getByRole('option', { name: 'of the item', exact: true }).click()
    await card.getByText(/10 of 40 items with several rows have several values, of which the newest counts/).waitFor()
    await card.getByLabel('Kind: price', { exact: true }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByText('Long tail').first().waitFor()
    const { manifest } = await client.call('datasets.profile', { dataset: 'orders' })
    expect(manifest.itemColumns.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'product_name text',
      'category category',
      'price number',
    ])
    expect(manifest.recipe).toMatchObject({ itemColumns: 'product_name,category,price', userColumns: 'city' })
    await page.goto(`${origin}/#/new?dataset=orders&recipe=two-tower`)
    await page.getByText('product_name').first().waitFor()
    const form = await page.locator('#page').textContent()
    for (const feature of ['product_name', 'category', 'price', 'city']) expect(form).toContain(feature)
  })
})
