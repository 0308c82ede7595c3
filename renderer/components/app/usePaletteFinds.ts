/** What the palette finds besides commands, by the words that are typed: runs, datasets, recipes, and users and items of the datasets. */
import { useDebounceFn } from '@vueuse/core'
import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import { useRouter } from 'vue-router'
import type { Entity, EntitySide } from '@contract/shapes/entity.ts'
import type { Command } from '@/composables/useCommands.ts'
import { useEngine } from '@/composables/useEngine.ts'
import { t } from '@/composables/texts.ts'
import { useVerb } from '@/composables/useVerb.ts'
import { textAt } from '@/stores/run-columns.ts'
import { useRuns } from '@/stores/runs.ts'

/** of each kind */
const MOST = 6
/** datasets that are searched for users and items, the newest first */
const DATASETS = 4
const AFTER_MS = 150

/** Whether every word occurs. */
export const matchesWords = (text: string, words: readonly string[]): boolean => words.every((word) => text.toLowerCase().includes(word))
export const wordsOf = (typed: string): string[] => typed.toLowerCase().split(/\s+/).filter(Boolean)

/** What is called exactly so before what begins so, and that before the others, which stay in their order. */
function nearestFirst<T>(entries: readonly T[], namesOf: (entry: T) => readonly (string | null | undefined)[], typed: string): T[] {
  const distance = (entry: T): number => {
    const names = namesOf(entry).map((name) => name?.toLowerCase() ?? '')
    return names.includes(typed) ? 0 : names.some((name) => name.startsWith(typed)) ? 1 : 2
  }
  return [0, 1, 2].flatMap((at) => entries.filter((entry) => distance(entry) === at))
}

interface Found {
  readonly dataset: string
  readonly side: EntitySide
  readonly entity: Entity
}

/** `open`: whether the palette is; nothing is asked before, nor while nothing is typed. */
export function usePaletteFinds(open: () => boolean, typed: () => string): ComputedRef<readonly Command[]> {
  const runs = useRuns()
  const router = useRouter()
  const { client } = useEngine()
  const words = computed(() => (open() ? wordsOf(typed()) : []))
  const isAsked = computed(() => words.value.length > 0)
  const datasets = useVerb('datasets.list', () => (isAsked.value ? {} : null))
  const recipes = useVerb('recipes.list', () => (isAsked.value ? {} : null))
  const entities = shallowRef<readonly Found[]>([])
  watch(isAsked, (now) => now && runs.follow())

  /** the newest finished run of a dataset that retrieves */
  function runOf(dataset: string): string | null {
    const columns = runs.page?.columns
    if (columns === undefined) return null
    const of = [...columns.run.keys()].filter((i) => textAt(columns.dataset, i) === dataset && columns.protocol.codes[i]! >= 0)
    const newest = of.reduce((a, b) => (a >= 0 && columns.createdAt[a]! >= columns.createdAt[b]! ? a : b), -1)
    return newest < 0 ? null : columns.run[newest]!
  }
  let latest = 0
  const search = useDebounceFn(async () => {
    const mine = ++latest
    const text = words.value.join(' ')
    const names = (datasets.data.value?.datasets ?? []).slice(-DATASETS).map(({ name }) => name)
    const asked = text === '' ? [] : names.flatMap((dataset) => (['item', 'user'] as const).map((side) => ({ dataset, side })))
    const found = await Promise.all(
      asked.map(async ({ dataset, side }) => {
        // one that was deleted meanwhile has none
        const answer = await client.call('entities.search', { dataset, side, text, limit: MOST }).catch(() => null)
        return (answer?.entities ?? []).map((entity): Found => ({ dataset, side, entity }))
      }),
    )
    if (mine === latest) entities.value = found.flat()
  }, AFTER_MS)
  watch([words, datasets.data], () => void search())

  return computed(() => {
    if (!isAsked.value) return []
    const fits = (text: string): boolean => matchesWords(text, words.value)
    const columns = runs.page?.columns
    const newestFirst = columns === undefined ? [] : [...columns.run.keys()].toReversed()
    const text = (i: number): string =>
      [columns!.run[i], textAt(columns!.name, i), textAt(columns!.dataset, i), textAt(columns!.recipe, i)].join(' ')
    const nearest = <T>(entries: readonly T[], namesOf: (entry: T) => readonly (string | null | undefined)[]): T[] =>
      nearestFirst(entries, namesOf, words.value.join(' ')).slice(0, MOST)
    const ofRuns = nearest(
      newestFirst.filter((i) => fits(text(i))),
      (i) => [textAt(columns!.name, i), columns!.run[i]],
    ).map((i): Command => {
      const run = columns!.run[i]!
      return {
        id: `run.${run}`,
        title: textAt(columns!.name, i) ?? run,
        hint: `${textAt(columns!.dataset, i)} · ${run}`,
        group: t('runs.title'),
        run: () => router.push({ name: 'run', params: { run } }),
      }
    })
    const ofDatasets = nearest(
      (datasets.data.value?.datasets ?? []).filter(({ name }) => fits(name)),
      ({ name }) => [name],
    ).map(({ name }): Command => ({
      id: `dataset.${name}`,
      title: name,
      group: t('data.title'),
      run: () => router.push({ name: 'data', params: { dataset: name } }),
    }))
    const ofRecipes = nearest(
      (recipes.data.value?.recipes ?? []).filter(({ name, title, card }) => fits(`${name} ${title} ${card.summary}`)),
      ({ name, title }) => [name, title],
    ).map(({ name, title }): Command => ({
      id: `recipe.${name}`,
      title,
      hint: name,
      group: t('common.palette.recipes'),
      run: () => router.push({ name: 'new-run', query: { recipe: name } }),
    }))
    const ofEntities = entities.value.map(({ dataset, side, entity: { id, title } }): Command => {
      const run = runOf(dataset)
      return {
        id: `${side}.${dataset}.${id}`,
        title: title ?? id,
        hint: [title === null ? null : id, dataset].filter(Boolean).join(' · '),
        group: t(side === 'item' ? 'inspect.items' : 'inspect.users'),
        run: () =>
          router.push(
            run === null
              ? { name: 'data', params: { dataset }, query: { tab: `${side}s`, entity: id } }
              : { name: 'inspect', query: { run, ...(side === 'item' && { side }), id } },
          ),
      }
    })
    return [...ofRuns, ...ofDatasets, ...ofRecipes, ...ofEntities]
  })
}
