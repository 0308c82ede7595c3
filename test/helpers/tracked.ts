/** What another tracker knows of runs, read without telling how far it is. */
import type { TrackedSourceRead } from '../../main/contract/shapes/tracked.ts'
import { readTracked as stage } from '../../main/engine/import/tracked/read.ts'

export function readTracked(ask: Parameters<typeof stage>[0]): TrackedSourceRead {
  const reading = stage(ask)
  for (;;) {
    const { done, value } = reading.next()
    if (done === true) return value
  }
}
