/** What a workspace folder holds besides its runs and datasets. */
import { z } from 'zod'

export const trashEntrySchema = z.strictObject({
  id: z.string(),
  kind: z.enum(['run', 'dataset', 'search', 'backtest', 'segment', 'stray']),
  /** of the run or dataset, or of the stray file or folder */
  name: z.string(),
  /** the id of a run, search, backtest or segment, the dataset's name, the place of a stray */
  what: z.string(),
  deletedAt: z.string(),
  bytes: z.number(),
})
export type TrashEntry = z.infer<typeof trashEntrySchema>

/** Something in the workspace's folders that no row of its database knows. */
export const straySchema = z.strictObject({
  /** relative to the workspace */
  path: z.string(),
  what: z.enum(['run', 'dataset', 'temporary', 'part']).describe('what it looks like: a run, a dataset, what a dead process left'),
  bytes: z.number(),
})
export type Stray = z.infer<typeof straySchema>

export const workspaceReportSchema = z.strictObject({
  home: z.string(),
  state: z.enum(['absent', 'ok', 'read-only', 'refused']),
  /** why it is read only or refused, with the remedy; of what else is amiss */
  problems: z.array(z.string()),
  /** in octal, such as 700; null where there is no folder */
  mode: z.string().nullable(),
  datasets: z.int(),
  runs: z.int(),
  engines: z.array(z.strictObject({ engine: z.string(), host: z.string(), pid: z.int(), openedAt: z.string() })),
  strays: z.array(straySchema),
  trash: z.strictObject({ entries: z.int(), bytes: z.number() }),
  /** days of the daily copies of the database, newest first */
  backups: z.array(z.string()),
})
export type WorkspaceReport = z.infer<typeof workspaceReportSchema>

/** What `doctor --repair` did. */
export const repairReportSchema = z.strictObject({
  /** what the database was made from: itself, a daily copy, or nothing */
  base: z.string(),
  datasets: z.array(z.string()),
  runs: z.array(z.string()),
  notes: z.array(z.string()).describe('what could not be brought back, and what was concluded'),
})
export type RepairReport = z.infer<typeof repairReportSchema>

/** What a backup or restore copied. */
export const copyReportSchema = z.strictObject({
  out: z.string(),
  datasets: z.int(),
  runs: z.int(),
  files: z.int(),
  bytes: z.number(),
  leftOut: z.array(z.strictObject({ what: z.string(), reason: z.string() })),
  notes: z.array(z.string()),
})
export type CopyReport = z.infer<typeof copyReportSchema>
