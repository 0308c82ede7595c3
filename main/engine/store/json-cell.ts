/** JSON that the database holds in a cell: written by us, and yet a damaged disk may have changed it. */
import type { z } from 'zod'
import { badData, PylonError } from '../../contract/errors.ts'

/** The value of a cell. `what` names it: `metrics of epoch 3 of run x`. @throws PylonError bad-data where it is no JSON */
export function jsonCell(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw damagedCell(what, error)
  }
}

/** The value of a cell as `schema` has it. @throws PylonError bad-data where it is no JSON, or of another shape */
export function checkedCell<S extends z.ZodType>(text: string, what: string, schema: S): z.output<S> {
  const parsed = schema.safeParse(jsonCell(text, what))
  if (!parsed.success) throw damagedCell(what, parsed.error)
  return parsed.data
}

/** What a cell that cannot be read is told as. */
export function damagedCell(what: string, cause: unknown): PylonError {
  return badData(
    `The database cannot be read where it keeps the ${what}: restore a backup, or close Pylon and put a daily copy in its place (pylon doctor lists them).`,
    undefined,
    { cause },
  )
}
