/** Where each page was left, so that going back to it through the navigation shows what was there. Kept for this tab. */
import { shallowRef } from 'vue'
import { useRouter, type RouteLocationRaw } from 'vue-router'
import { PAGES, type PageName } from '@/router.ts'

const KEY = 'pylon.places'
const places = shallowRef<ReadonlyMap<string, string>>(new Map())

/** Remembers places from now on; called once by the app. */
export function rememberPlaces(): void {
  try {
    places.value = new Map(JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as [string, string][])
  } catch {
    places.value = new Map()
  }
  useRouter().afterEach((to) => {
    places.value = new Map(places.value).set(String(to.name), to.fullPath)
    sessionStorage.setItem(KEY, JSON.stringify([...places.value]))
  })
}

export const useLastPlaces = (): { of: (page: PageName) => RouteLocationRaw } => ({
  of: (page) => places.value.get(page) ?? PAGES.find(({ name }) => name === page)!.path.replace(/\/:.*$/, ''),
})
