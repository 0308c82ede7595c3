/** The schema of a run spec as JSON Schema (draft 2020-12): what a form is made of, and what an editor completes by. */
import { z } from 'zod'
import { specSchema } from './shapes/spec.ts'

/** Of what a person may write: everything with a default may be left out. Made anew at each call (some milliseconds). */
export function specJsonSchema(): Record<string, unknown> {
  // the schema proper: before it stands only the step that adds `model`
  return z.toJSONSchema(specSchema.out, { io: 'input', unrepresentable: 'any' })
}
