/** The protocol of most tests: the test part, all events, seen items masked, exact search, of a model that was fitted on train. */
import type { DatasetManifest } from '../../main/contract/shapes/dataset.ts'
import type { Protocol } from '../../main/contract/shapes/protocol.ts'
import { makeProtocol, type ProtocolChoice } from '../../main/engine/protocol/protocol.ts'

export const protocolOf = ({ manifest }: { readonly manifest: DatasetManifest }, choice: Partial<ProtocolChoice> = {}): Protocol =>
  makeProtocol({ manifest, part: 'test', fittedOn: 'train', seen: 'masked', events: [], search: 'exact', ...choice })
