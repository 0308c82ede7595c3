/** Users and items as a list: order, search and pages against a plain sort of the same rows. */
import { expect, test } from 'vitest'
import { Browser, type BrowseQuery } from '../../../main/engine/dataset/browse.ts'
import { importFiles } from './imported.ts'

const files = {
  'i.csv': 'user,item,time\na,x,1\na,y,2\na,z,3\nb,x,3\nb,y,4\nc,x,5\nc,z,6\n',
  'items.csv':
    'id,name,price,tags,v\nx,Blue house,30,sea|sun,"[0.1, 0.2]"\ny,Red HOUSE,,sun,"[1, 2]"\nz,Green "tent",10,,"[3, 4]"\nw,Never seen,20,sea,"[5, 6]"\n',
}
const all: BrowseQuery = { side: 'item', search: '', sort: '', descending: false, offset: 0, limit: 100 }

test('a page has ids, counts and values; search and order are what they say', async () => {
  const { dataset } = await importFiles(files, { interactions: 'i.csv', items: 'items.csv' })
  const browser = await Browser.open(dataset.folder, dataset.manifest)
  const ids = async (query: Partial<BrowseQuery>): Promise<string> =>
    (await browser.page({ ...all, ...query })).rows.map((row) => row.id).join('')
  try {
    const { total, rows } = await browser.page(all)
    expect(total).toBe(4)
    expect(rows.find((row) => row.id === 'x')).toEqual({
      id: 'x',
      interactions: 3,
      train: 3,
      values: ['Blue house', 30, ['sea', 'sun'], '0.100, 0.200'],
    })
    expect(rows.filter((row) => row.train === 0).map((row) => [row.id, row.interactions])).toEqual([
      ['w', 0],
      ['y', 2],
      ['z', 2],
    ])
    expect({
      'by id': await ids({}),
      'by id, down': await ids({ sort: 'id', descending: true }),
      'by count': await ids({ sort: 'interactions', descending: true }),
      'by price, missing last': await ids({ sort: 'price' }),
      'by name, without case': await ids({ sort: 'name', descending: true }),
      'a word': await ids({ search: 'house' }),
      'a tag': await ids({ search: 'SEA', sort: 'price' }),
      'a quote': await ids({ search: '"tent' }),
      nothing: await ids({ search: "o'x" }),
      'second page': await ids({ sort: 'price', offset: 1, limit: 2 }),
      'beyond the end': await ids({ offset: 9 }),
    }).toMatchInlineSnapshot(`
      {
        "a quote": "z",
        "a tag": "wx",
        "a word": "xy",
        "beyond the end": "",
        "by count": "xyzw",
        "by id": "wxyz",
        "by id, down": "zyxw",
        "by name, without case": "ywzx",
        "by price, missing last": "zwxy",
        "nothing": "",
        "second page": "wx",
      }
    `)
    await expect(browser.page({ ...all, sort: 'prise' })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('price') as string,
    })
  } finally {
    await browser.dispose()
  }
})

test('the profile counts who is cold, and entities by their interactions', async () => {
  const { manifest } = await importFiles(files, { interactions: 'i.csv', items: 'items.csv', split: 'time:1970-01-01T00:00:05' })
  expect(manifest.profile).toMatchObject({ userHistogram: [0, 0, 3], itemHistogram: [1, 0, 3], coldUsers: 1, coldUserShare: 1 })
})
