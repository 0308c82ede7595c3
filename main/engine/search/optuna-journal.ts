/**
 * A search as the journal of an Optuna study, one JSON object a line, which `optuna-dashboard FILE` and `JournalFileBackend` open. Finals
 * are left out, as they repeat trials. A value that Optuna knows no type for, such as a list of features, stands as its JSON text.
 */
import type { Dimension, SearchDetail, SearchTrial } from '../../contract/shapes/search.ts'
import { toNumber } from './space.ts'

/** Of Optuna's enumerations. */
const CREATE_STUDY = 0
const SET_STUDY_USER_ATTR = 2
const CREATE_TRIAL = 4
const MAXIMIZE = 2
const STATES: Readonly<Record<SearchTrial['state'], number>> = { running: 0, waiting: 0, interrupted: 0, complete: 1, paused: 2, failed: 3 }

/** @param startedAt when a run began, ms since 1970; null where that is not known: then the search's beginning stands */
export function optunaJournal(
  { name, metric, dataset, createdAt, spec, list }: SearchDetail,
  startedAt: (run: string) => number | null,
): string {
  const line = (op_code: number, fields: object): string => JSON.stringify({ op_code, worker_id: 'pylon', ...fields })
  const attributes = { metric, dataset, seed: spec.seed, sampler: spec.sampler.kind, stop: spec.stop.kind }
  const time = (ms: number): string => new Date(ms).toISOString().replace('Z', '000+00:00')
  const trials = list
    .filter(({ finalOf }) => finalOf === null)
    .map((trial) => {
      const state = STATES[trial.state]
      const start = (trial.run === null ? null : startedAt(trial.run)) ?? Date.parse(createdAt)
      const known = Object.entries(trial.params).flatMap(([path, value]) => {
        const dimension = spec.space[path]
        const x = dimension === undefined ? Number.NaN : toNumber(dimension, value)
        return Number.isNaN(x) ? [] : [{ path, x, distribution: distributionOf(dimension!) }]
      })
      return {
        study_id: 0,
        datetime_start: time(start),
        ...(state !== 0 && { datetime_complete: time(start + 1000 * trial.seconds) }),
        state,
        ...(trial.state === 'complete' && { value: trial.value }),
        distributions: Object.fromEntries(known.map(({ path, distribution }) => [path, JSON.stringify(distribution)])),
        params: Object.fromEntries(known.map(({ path, x }) => [path, x])),
        user_attrs: { trial: trial.number, run: trial.run, drawn: trial.drawn.by, ...(trial.error !== null && { error: trial.error }) },
        system_attrs: {},
        intermediate_values: Object.fromEntries(trial.curve.flatMap((value, i) => (value === null ? [] : [[i + 1, value]]))),
      }
    })
  return `${[
    line(CREATE_STUDY, { study_name: name, directions: [MAXIMIZE] }),
    ...Object.entries(attributes).map(([key, value]) => line(SET_STUDY_USER_ATTR, { study_id: 0, user_attr: { [key]: value } })),
    ...trials.map((trial) => line(CREATE_TRIAL, trial)),
  ].join('\n')}\n`
}

function distributionOf(dimension: Dimension): object {
  if (dimension.kind === 'choice') {
    const isPlain = (value: unknown): boolean => value === null || ['string', 'number', 'boolean'].includes(typeof value)
    const choices = dimension.values.map((value) => (isPlain(value) ? value : JSON.stringify(value)))
    return { name: 'CategoricalDistribution', attributes: { choices } }
  }
  const { low, high, log, integer } = dimension
  return { name: integer ? 'IntDistribution' : 'FloatDistribution', attributes: { step: integer ? 1 : null, low, high, log } }
}
