/** Schedules as pure functions of how far training is: a factor on the optimizer's rate, and the temperature. */
import type { ScheduleSpec, TemperatureSpec } from '../../../contract/shapes/spec.ts'

/**
 * The factor at `step` (1-based; a fraction where another pass's curve is followed) of `totalSteps`: linear warm-up,
 * then constant, half a cosine down to `finalFraction` (Loshchilov & Hutter 2017, eq. 5, one cycle), or a factor every
 * few epochs.
 */
export function scheduleFactor(schedule: ScheduleSpec, step: number, stepsPerEpoch: number, totalSteps: number): number {
  if (step <= schedule.warmupSteps) return step / schedule.warmupSteps
  if (schedule.kind === 'constant') return 1
  if (schedule.kind === 'step') return schedule.factor ** Math.floor((step - 1) / (schedule.everyEpochs * stepsPerEpoch))
  const progress = Math.min(1, (step - schedule.warmupSteps) / Math.max(1, totalSteps - schedule.warmupSteps))
  return schedule.finalFraction + (1 - schedule.finalFraction) * 0.5 * (1 + Math.cos(Math.PI * progress))
}

/** The temperature after `epochs` epochs (a fraction counts): straight, or by a constant factor an epoch. */
export function temperatureAt({ from, to, epochs, shape }: Extract<TemperatureSpec, { kind: 'scheduled' }>, done: number): number {
  const progress = Math.min(1, done / epochs)
  return shape === 'linear' ? from + (to - from) * progress : from * (to / from) ** progress
}
