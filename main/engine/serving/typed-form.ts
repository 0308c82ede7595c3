/** The form of a typed-in user or item: what the run's encoders read, with what the dataset knows of each column. */
import type { FormField } from '../../contract/verbs.ts'
import { separatorOf } from '../dataset/cells/lists.ts'
import { rowProperties } from '../features/encode.ts'
import type { Side } from '../dataset/dataset.ts'
import type { OpenModel } from './open-model.ts'

/** Values offered for a category or tags. */
const OPTIONS = 200

/** @throws PylonError bad-input where the model has no towers */
export async function formFields(model: OpenModel, side: Side): Promise<FormField[]> {
  const encoders = await model.encoders()
  const { userColumns, itemColumns } = model.dataset.manifest
  const columns = side === 'user' ? userColumns : itemColumns
  return Promise.all(
    rowProperties(encoders, side).map(async (name): Promise<FormField> => {
      const blank = { name, samples: [], minimum: null, maximum: null, width: null, options: [], separator: null }
      const feature = encoders[side].find(
        (frozen) => frozen.feature.name === name && !('column' in frozen.feature && frozen.feature.column !== null),
      )
      if (feature?.feature.kind === 'history') return { ...blank, kind: 'history' }
      if (feature?.feature.kind === 'time') return { ...blank, kind: 'request-time' }
      const column = columns.find((each) => each.name === name)
      if (column === undefined) return { ...blank, kind: 'id' }
      const { kind, samples, minimum, maximum, width, form } = column
      const options = kind === 'category' || kind === 'tags' ? await model.catalogue.common(side, name, OPTIONS) : []
      return { name, kind, samples, minimum, maximum, width, options, separator: kind === 'tags' ? separatorOf(form) : null }
    }),
  )
}
