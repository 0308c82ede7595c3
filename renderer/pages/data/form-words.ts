/** How cells are written, in words: the engine's names of forms, which are English, in the language that is shown. */
import { dynamic, t } from '@/composables/texts.ts'

/** @param form as the manifest and inspections have it: `date as DD/MM/YYYY`, `epoch seconds`, `separated by |` */
export function formWords(form: string): string {
  const [, kind, detail] = /^(date and time as|date as|epoch|separated by) (.+)$/.exec(form) ?? []
  if (kind === 'epoch') return t('data.form.epoch', { unit: dynamic(`data.form.units.${detail!}`, detail!) })
  if (kind === 'separated by') return t('data.form.separated', { by: detail! })
  if (kind !== undefined) return t('data.form.date', { form: detail! })
  return dynamic(`data.form.names.${form}`, form)
}
