/** A written file as it is recorded, so that it is known again when it is read. */
import { z } from 'zod'

/** `path` is relative to the folder of the run or dataset, with forward slashes; `sha256` is lower-case hex */
export const artefactSchema = z.strictObject({ path: z.string(), bytes: z.int(), sha256: z.string() })
export type Artefact = z.infer<typeof artefactSchema>
