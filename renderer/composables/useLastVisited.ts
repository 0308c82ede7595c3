/** Where each page was left, so that going back to it through the navigation shows what was there. Kept for this tab. */
import { shallowRef } from 'vue'
import { useRouter, type RouteLocationRaw } from 'vue-router'
import { PAGES, type PageName } from '@/router.ts'

const KEY = 'pylon.places'
const urls = shallowRef<ReadonlyMap<string, string>>(new Map())

/** Remembers places from now on; called once by the app. */
export function rememberVisitedUrls(): void {
  try {
    urls.value = new Map(JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as [string, string][])
  } catch {
    urls.value = new Map()
  }
  useRouter().afterEach((to) => {
    urls.value = new Map(urls.value).set(String(to.name), to.fullPath)
    sessionStorage.setItem(KEY, JSON.stringify([...urls.value]))
  })
}

export const useLastVisited = (): { of: (page: PageName) => RouteLocationRaw } => ({
  of: (page) => urls.value.get(page) ?? PAGES.find(({ name }) => name === page)!.path.replace(/\/:.*$/, ''),
})
