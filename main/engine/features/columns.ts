/** Reads the metadata columns of a feature, checked against what its kind needs. */
import { badInput } from '../../contract/errors.ts'
import type { Feature } from '../../contract/shapes/features.ts'
import type { ColumnValues, Dataset } from '../dataset/dataset.ts'
import type { Entities } from './kind.ts'
import { kindOf } from './kinds.ts'

/** In the order the kind names them. @throws PylonError bad-input where one is missing or stored otherwise */
export async function readColumns(feature: Feature, { side, place }: Entities, dataset: Dataset): Promise<ColumnValues[]> {
  const described = side === 'user' ? dataset.manifest.userColumns : dataset.manifest.itemColumns
  const columns: ColumnValues[] = []
  for (const { name, key, storages } of kindOf(feature).columns(feature)) {
    const column = described.find((candidate) => candidate.name === name)
    if (column === undefined || !storages.includes(column.storage)) {
      const problem = column === undefined ? 'is not in this dataset' : `is stored as ${column.storage}`
      throw badInput(`Column "${name}" ${problem}; ${feature.kind} "${feature.name}" needs ${storages.join(' or ')}.`, `${place}.${key}`)
    }
    columns.push(await dataset.column(side, name))
  }
  return columns
}
