/** A full disk as libraries tell it that have no codes. */
import { expect, test } from 'vitest'
import { toErrorShape } from '../../../main/contract/errors.ts'
import { explainReadError } from '../../../main/engine/import/explain.ts'

test('a full disk is told as one, also by a library that has only words for it', () => {
  const said = new Error('IO Error: Could not write file "users.parquet": No space left on device')
  expect(toErrorShape(said)).toMatchObject({ code: 'unavailable', message: expect.stringContaining('disk is full') as string })
  expect(toErrorShape(explainReadError(said, 'users.csv')).message).toMatch(/disk is full/)
  expect(toErrorShape(new Error('IO Error: no such thing')).code).toBe('bug')
})
