/** Which settings short trials may choose: what a few epochs cannot tell stays as it was, with a word. */
import { expect, test } from 'vitest'
import { chooseSettings } from '../../../main/engine/jobs/training/choose.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { ANY_PATH } from '../../../main/engine/files/path-guard.ts'
import { smallSpec } from '../../helpers/model.ts'

/** `users` users of a hundred training interactions each, and one held out. */
function dataset(users: number) {
  const interactions = Array.from({ length: users * 101 }, (_, i) => ({
    user: `u${Math.floor(i / 101)}`,
    item: `i${i % 101}`,
    part: i % 101 === 100 ? ('validation' as const) : ('train' as const),
  }))
  return memoryDataset({ interactions })
}

/** What is said before the first trial, if there is one. */
async function first(users: number) {
  const spec = smallSpec({ loss: { kind: 'bsl', negatives: 8, exponent: 1.22 }, training: { choose: ['exponent'] } })
  const context = { threads: 1, signal: new AbortController().signal, temp: '', guard: ANY_PATH }
  const body = chooseSettings({}, spec, dataset(users), context)
  const { value } = await body.next()
  const settled = await body.next()
  return { said: JSON.stringify(value), settled }
}

test('an exponent is chosen where trials train for six epochs, else it stays and is said to', async () => {
  const large = await first(1400)
  expect(large.said).toContain('loss.exponent stays 1.22: trials of 5 epochs')
  expect(large.settled).toMatchObject({ done: true, value: { loss: { exponent: 1.22 }, training: { choose: [] } } })
  const smaller = await first(1200)
  expect(smaller.said).toContain('Choosing loss.exponent on the validation part: trials of 6 epochs of 120,000 examples.')
  expect(smaller.settled.done).toBe(false)
})

test('without a validation part nothing is chosen, and that is said', async () => {
  const spec = smallSpec({ loss: { kind: 'bsl', negatives: 8, exponent: 1.22 }, training: { choose: ['exponent'] } })
  const context = { threads: 1, signal: new AbortController().signal, temp: '', guard: ANY_PATH }
  const alone = memoryDataset({ interactions: [{ user: 'u', item: 'i', part: 'train' }] })
  const body = chooseSettings({}, spec, alone, context)
  expect(await body.next()).toMatchObject({
    value: { text: 'There is no validation part to choose loss.exponent by: what is given stays.' },
  })
  expect(await body.next()).toMatchObject({ done: true, value: { training: { choose: [] } } })
})
