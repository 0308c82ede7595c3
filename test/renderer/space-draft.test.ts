/** The space of a search as a form edits it: fields that hang on others, and fields given anew. */
import { expect, test } from 'vitest'
import { draftOf, newField, spaceOf, toggled, withField } from '@/pages/searches/space-draft.ts'

const cosine = { kind: 'cosine', warmupSteps: 0, finalFraction: 0 }
const rows = draftOf({
  'training.schedule': { kind: 'choice', values: [{ kind: 'constant', warmupSteps: 0 }, cosine], tied: [], when: null },
  'training.epochs': { kind: 'choice', values: [3, 40], tied: [], when: { path: 'training.schedule', in: [cosine] } },
  'training.batchSize': { kind: 'choice', values: [512, 1024], tied: [], when: null },
})
const pathsOf = (list: typeof rows): string[] => Object.keys(spaceOf(list))

test('a field is off with what it hangs on, and on with it', () => {
  const without = toggled(rows, 'training.schedule')
  expect(pathsOf(without)).toEqual(['training.batchSize'])
  expect(pathsOf(toggled(without, 'training.epochs'))).toEqual(['training.schedule', 'training.epochs', 'training.batchSize'])
  expect(pathsOf(toggled(rows, 'training.epochs'))).toEqual(['training.schedule', 'training.batchSize'])
})

test('a field that is there already is given anew, without its condition', () => {
  const anew = spaceOf(withField(rows, newField('training.epochs', 40)))
  expect(anew['training.epochs']).toMatchObject({ kind: 'range', low: 4, high: 400, when: null })
  expect(Object.keys(anew)).toHaveLength(3)
  expect(pathsOf(withField(rows, newField('training.schedule', 'x')))).toEqual(['training.schedule', 'training.batchSize'])
  expect(pathsOf(withField(rows, newField('loss.logQ', 1)))).toContain('loss.logQ')
})
