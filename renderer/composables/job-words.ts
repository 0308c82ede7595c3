/** How jobs are called on the page: by what they do and the run they work on. */
import type { JobInfo } from '@contract/verbs/jobs.ts'
import { engineWords } from './engine-words.ts'
import { integer, percent } from './format.ts'
import { dynamic, t } from './texts.ts'

/** `Training`, or a job's own word where it has none here. */
export const jobKind = (kind: string): string => dynamic(`common.jobs.kind.${kind}`, kind)

/** The run's name, or what the job does where it works on none. */
export const jobName = ({ name, run, kind }: Pick<JobInfo, 'name' | 'run' | 'kind'>): string => name ?? run ?? jobKind(kind)

/** A stage of any job in the language of the page. */
export const stageWords = (stage: string): string => dynamic(`run.stage.${stage.replaceAll(' ', '-')}`, engineWords(stage))

/** What it is at. */
export const jobStage = ({ state, progress, kind }: JobInfo): string =>
  state === 'waiting' ? t('common.state.queued') : progress === null ? jobKind(kind) : stageWords(progress.stage)

/** `1,200 rows/s`, or null where it is not known. */
export const jobRate = ({ perSecond, progress }: Pick<JobInfo, 'perSecond' | 'progress'>): string | null =>
  perSecond === null || progress === null
    ? null
    : t('common.jobs.rate', { rate: integer(perSecond), unit: dynamic(`run.unit.${progress.unit}`, progress.unit) })

/** `42%`, or null where the end is not known. */
export const jobShare = ({ progress }: Pick<JobInfo, 'progress'>): string | null =>
  progress === null || progress.total === null || progress.total <= 0 ? null : percent(Math.min(1, progress.done / progress.total), 0)

/** For a window's title: the job that runs, how far it is, and how many there are besides; null where none runs. */
export function workTitle(jobs: readonly JobInfo[]): string | null {
  const first = jobs.find(({ state }) => state !== 'waiting')
  if (first === undefined) return null
  const more = jobs.length > 1 ? `+${jobs.length - 1}` : null
  return [[jobShare(first), jobName(first)].filter(Boolean).join(' '), more].filter(Boolean).join(' ')
}
