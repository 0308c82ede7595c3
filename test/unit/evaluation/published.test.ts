/** Published splits are told by their interactions: the digest against its definition, and the real split against Python's digests of its files. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mayBePublished, partsDigest, publishedSplit } from '../../../main/engine/evaluation/published.ts'
import { dataFolder } from '../../helpers/data.ts'
import { memoryDataset, type MemoryInteraction } from '../../helpers/dataset.ts'
import { needing } from '../../helpers/needs.ts'

test('a line a user that has something there, users and items in the order of their ids as text', async () => {
  const interactions: MemoryInteraction[] = [
    { user: '10', item: 'b', part: 'train' },
    { user: '9', item: '2', part: 'train' },
    { user: '9', item: '10', part: 'validation' },
    { user: '9', item: 'a', part: 'test' },
  ]
  const written = (text: string): string => createHash('sha256').update(text).digest('hex')
  const dataset = memoryDataset({ interactions, hasOrder: false })
  expect(await partsDigest(dataset, ['train', 'validation'])).toBe(written('10\tb\n9\t10 2\n'))
  expect(await partsDigest(dataset, ['test'])).toBe(written('9\ta\n'))
  expect(await partsDigest(memoryDataset({ interactions: interactions.toReversed(), hasOrder: false }), ['test', 'train'])).toBe(
    written('10\tb\n9\t2 a\n'),
  )
  expect(mayBePublished(dataset.manifest)).toBe(false)
  expect(await publishedSplit(dataset)).toBe(null)
})

const gowalla = dataFolder('gowalla')
needing('data:gowalla').test(
  'the split of LightGCN, also with a validation part cut; one pair moved, and it is another',
  async () => {
    const interactions: MemoryInteraction[] = []
    for (const part of ['train', 'test'] as const)
      for (const line of (await readFile(join(gowalla!, `${part}.txt`), 'utf8')).split('\n')) {
        const [user, ...items] = line.trim().split(' ')
        for (const item of items)
          interactions.push({ user: user!, item, part: part === 'train' && items.length > 20 && item === items[0] ? 'validation' : part })
      }
    const dataset = memoryDataset({ interactions, hasOrder: false })
    expect(mayBePublished(dataset.manifest)).toBe(true)
    expect((await publishedSplit(dataset))?.split.results[0]).toMatchObject({ metrics: { 'recall@20': 0.192, 'ndcg@20': 0.1597 } })
    const [first, ...others] = interactions
    expect(await publishedSplit(memoryDataset({ interactions: [{ ...first!, part: 'test' }, ...others], hasOrder: false }))).toBe(null)
  },
  120_000,
)
