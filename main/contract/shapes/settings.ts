/** Settings of the workspace: what the engine needs to know, whoever asks. What only a page needs is kept by the page. */
import { z } from 'zod'

/** What can run the steps of a training job. */
export const trainingExecutorSchema = z.enum(['onnxruntime', 'tensorflow', 'webgpu'])
export type TrainingExecutor = z.infer<typeof trainingExecutorSchema>

export const settingsSchema = z.strictObject({
  threads: z.int().min(1).max(256).nullable().describe('threads of a job that asks for none; null: all cores'),
  executor: trainingExecutorSchema.describe('what runs the steps of a new run that asks for none'),
  epochVectorsMb: z
    .int()
    .min(0)
    .max(1_000_000)
    .describe('megabytes that the item vectors of its epochs may take in each new run, thinned evenly; 0: none are kept'),
  updates: z.boolean().describe('whether to ask the address in PYLON_UPDATE_URL for a newer version'),
})
export type Settings = z.infer<typeof settingsSchema>
