/** Steps of a preparation in words. */
import type { Apart, PreparationStep } from '@contract/shapes/preparation.ts'
import * as format from '@/composables/format.ts'
import { t } from '@/composables/texts.ts'

export const stepName = ({ step, setting }: PreparationStep): string => `${t(`data.prepare.step.${step}`)} ${settingWords(step, setting)}`

/** A setting as it was asked for, its words in the language that is shown. */
function settingWords(step: PreparationStep['step'], setting: string): string {
  const [, n, seed] = /^(\S+), seed (\d+)$/.exec(setting) ?? []
  if (step === 'sample-users' && n !== undefined) return t('data.prepare.setting.sample', { n, seed: seed! })
  if (step === 'duplicates' && (setting === 'first' || setting === 'last')) return t(`data.prepare.repeats.${setting}`)
  if (step !== 'window') return setting
  const [, , from = null, , to = null] = /^(from (\S+))?\s*(to (\S+))?$/.exec(setting) ?? []
  return [from === null ? '' : t('data.prepare.setting.from', { from }), to === null ? '' : t('data.prepare.setting.to', { to })]
    .filter((part) => part !== '')
    .join(' ')
}

const amounts = ({ interactions, users, items }: PreparationStep['left']): Record<'interactions' | 'users' | 'items', string> => ({
  interactions: format.integer(interactions),
  users: format.integer(users),
  items: format.integer(items),
})

/** What a step takes away. */
export const stepEffect = ({ step, removed, left }: PreparationStep): string =>
  step === 'session-gap' ? t('data.prepare.sessions', { n: format.integer(left.users) }) : t('data.prepare.removes', amounts(removed))

/** What the last of some steps leaves. */
export const stepsLeft = (steps: readonly PreparationStep[]): string =>
  steps.length === 0 ? '' : t('data.prepare.left', amounts(steps.at(-1)!.left))

/** What is kept and is no positive. */
export const apartWords = ({ positives, events }: Apart): string =>
  t('data.prepare.apart', {
    events: events.map(({ event, interactions }) => `${format.integer(interactions)} ${event}`).join(', '),
    positives: positives.join(', '),
  })
