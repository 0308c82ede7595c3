/** A protocol that compared runs share. */
import type { Protocol } from '@contract/shapes/protocol.ts'

export const protocol: Protocol = {
  version: 2,
  hash: '012345678901',
  datasetName: 'd',
  datasetChecksum: '0'.repeat(64),
  part: 'test',
  split: { kind: 'leave-last' },
  fittedOn: 'train',
  seen: 'masked',
  candidates: 'all-items',
  events: [],
  search: 'exact',
  ties: 'item-order',
}
