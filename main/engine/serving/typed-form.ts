/** The form of a typed-in user or item: what the run's encoders read, with what the dataset knows of each column. */
import type { FormField } from '../../contract/verbs.ts'
import { separatorOf } from '../dataset/cells/lists.ts'
import type { Side } from '../dataset/dataset.ts'
import type { OpenModel } from './open-model.ts'

/** Values offered for a category or tags. */
const OPTIONS = 200

/** @throws PylonError bad-input where the model has no towers */
export async function formFields(model: OpenModel, side: Side): Promise<FormField[]> {
  const towers = await model.towers()
  const frozen = towers.pairs.flatMap(({ encoders }) => encoders[side])
  const { userColumns, itemColumns } = model.dataset.manifest
  const columns = side === 'user' ? userColumns : itemColumns
  return Promise.all(
    towers.properties(side).map(async (name): Promise<FormField> => {
      const blank = { name, samples: [], minimum: null, maximum: null, width: null, options: [], separator: null }
      const kindOfContext = frozen.find(({ feature }) => feature.name === name && !('column' in feature && feature.column !== null))
        ?.feature.kind
      if (kindOfContext === 'history') return { ...blank, kind: 'history' }
      if (kindOfContext === 'time') return { ...blank, kind: 'request-time' }
      const column = columns.find((each) => each.name === name)
      if (column === undefined) return { ...blank, kind: 'id' }
      const { kind, samples, minimum, maximum, width, form } = column
      const options = kind === 'category' || kind === 'tags' ? await model.catalogue.common(side, name, OPTIONS) : []
      return { name, kind, samples, minimum, maximum, width, options, separator: kind === 'tags' ? separatorOf(form) : null }
    }),
  )
}
