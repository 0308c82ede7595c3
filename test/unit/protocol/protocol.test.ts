import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { DatasetManifest, Split } from '../../../main/contract/shapes/dataset.ts'
import { protocolSchema, storedProtocolSchema } from '../../../main/contract/shapes/protocol.ts'
import {
  canonicalJson,
  describeProtocol,
  describeSplit,
  fittedOn,
  makeProtocol,
  sameProtocol,
  type ProtocolChoice,
  upgradedProtocol,
} from '../../../main/engine/protocol/protocol.ts'
import { market } from '../evaluation/market.ts'

const { manifest } = market({ users: 1, items: 1, user: [], item: [], part: [], events: ['view', 'click', 'book'] })
const make = (choice: Partial<ProtocolChoice> = {}) =>
  makeProtocol({ manifest, part: 'test', fittedOn: 'train', seen: 'masked', events: ['book', 'click'], search: 'exact', ...choice })

/** The hash by hand: `printf '%s' JSON | sha256sum | cut -c1-12`. */
test('a protocol, its line and its hash', () => {
  const protocol = make()
  expect(protocolSchema.parse(protocol)).toEqual(protocol)
  const json = `{"candidates":"all-items","datasetChecksum":"0123456789abcdef","datasetName":"market","events":["click","book"],"fittedOn":"train","part":"test","search":"exact","seen":"masked","split":{"kind":"given","seed":1,"validationFraction":0.1},"ties":"item-order","version":2}`
  expect(protocol.hash).toBe(createHash('sha256').update(json).digest('hex').slice(0, 12))
  expect(describeProtocol(protocol)).toMatchInlineSnapshot(
    `"market (01234567) · test part of given files, seed 1, validation 10 % of train · fitted on train · events click, book · all items, seen masked · exact search, ties by item order · protocol e5316b526bdc"`,
  )
})

test('equal meanings have equal hashes, and every difference another', () => {
  expect(sameProtocol(make(), make({ events: ['click', 'book', 'click'] }))).toBe(true)
  expect(sameProtocol(make({ events: [] }), make({ events: ['book', 'view', 'click'] }))).toBe(true)
  const others: Partial<ProtocolChoice>[] = [
    {},
    { part: 'validation' },
    { fittedOn: 'train+validation' },
    { seen: 'included' },
    { events: [] },
    { search: 'ann' },
    { manifest: { ...manifest, checksum: 'f' } },
    { manifest: { ...manifest, split: { kind: 'given', seed: 2, validationFraction: 0.1 } } },
  ]
  expect(new Set(others.map((choice) => make(choice).hash)).size).toBe(others.length)
})

test('what measures on the validation part was fitted on train, whatever its run is fitted on in the end', () => {
  expect(make({ part: 'validation', fittedOn: 'train+validation' })).toEqual(make({ part: 'validation' }))
})

test('what a run is fitted on follows from its model, its final fit and the dataset', () => {
  const [held, none] = [{ parts: { validation: 3 } }, { parts: { validation: 0 } }]
  const towers = (finalFit: boolean) => ({ model: 'two-tower', training: { finalFit } })
  const all = [towers(true), towers(false), { model: 'ease' }]
  expect(all.map((spec) => fittedOn(spec, held))).toEqual(['train+validation', 'train', 'train+validation'])
  expect(all.map((spec) => fittedOn(spec, none))).toEqual(['train', 'train', 'train'])
})

test('a protocol of before says what its run was fitted on, and is the same as one made now', () => {
  const { fittedOn: _, ...fields } = make({ fittedOn: 'train+validation' })
  const stored = storedProtocolSchema.parse({ ...fields, version: 1, hash: '9894940c5e59' })
  const held = { parts: { validation: 1 } }
  expect(upgradedProtocol(stored, { model: 'ease' }, held)).toEqual(make({ fittedOn: 'train+validation' }))
  expect(upgradedProtocol(stored, { model: 'two-tower', training: { finalFit: false } }, held)).toEqual(make())
  expect(upgradedProtocol(make(), { model: 'ease' }, held)).toEqual(make())
})

test('keys are sorted at every depth', () => {
  expect(canonicalJson({ b: [{ d: 1, c: null }], a: 'x' })).toBe('{"a":"x","b":[{"c":null,"d":1}]}')
})

test('an unknown event is refused with the known ones', () => {
  expect(() => make({ events: ['buy'] })).toThrow('evaluation.events: Dataset market has no event "buy": it has view, click, book.')
  const plain: DatasetManifest = { ...manifest, events: [] }
  expect(() => make({ manifest: plain, events: ['buy'] })).toThrow('it has one unnamed type; leave the list empty.')
})

test('splits in words', () => {
  const splits: Split[] = [
    { kind: 'leave-last' },
    { kind: 'time', cut: 1_704_067_200, validationCut: 1_701_432_000 },
    { kind: 'random', fraction: 0.2, seed: 3, validationFraction: 0.1 },
    { kind: 'given', seed: 1, validationFraction: 0 },
  ]
  expect(splits.map(describeSplit)).toMatchInlineSnapshot(`
    [
      "leave-last-out",
      "time cut 2024-01-01, validation from 2023-12-01T12:00:00Z",
      "random 20 % per user, seed 3, validation 10 % of train",
      "given files",
    ]
  `)
})
