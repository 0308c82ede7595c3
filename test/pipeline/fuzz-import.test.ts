/** 120 files beside the slow reader; `npm run fuzz:import -- --count 10000` takes more. */
import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/folder.ts'
import { imports } from '../chaos/imports.ts'

test('files of every kind come out as a slow reader reads them, or are refused with their place', async () => {
  const signal = new AbortController().signal
  const folder = await temporaryFolder()
  const { done, failures, notes } = await imports({ count: 120, minutes: 0, from: 0, seed: 5, folder, signal, say: () => undefined })
  expect(failures).toEqual([])
  expect(done).toBe('120 files')
  // of each format some are imported and some refused
  for (const format of ['csv', 'jsonl', 'parquet', 'sqlite', 'feather'])
    expect(notes.join('\n')).toMatch(new RegExp(`${format}: [1-9]\\d* imported .*, [1-9]\\d* refused`))
})
