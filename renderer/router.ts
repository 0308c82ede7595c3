/**
 * Routes. Hash history works under the custom protocol and the browser host alike; a view's state is in its query, so
 * every view is a link.
 */
import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import type { TextKey } from './composables/texts.ts'

/** Pages by route name. Those with `keys` that go there stand in the navigation, in this order. */
export const PAGES = [
  { name: 'runs', path: '/', keys: 'g r', component: () => import('./pages/runs/RunsPage.vue') },
  { name: 'run', path: '/runs/:run', keys: null, component: () => import('./pages/run/RunPage.vue') },
  { name: 'compare', path: '/compare', keys: 'g c', component: () => import('./pages/compare/ComparePage.vue') },
  { name: 'new-run', path: '/new', keys: 'g n', component: () => import('./pages/new-run/NewRunPage.vue') },
  { name: 'searches', path: '/searches/:search?', keys: 'g h', component: () => import('./pages/searches/SearchesPage.vue') },
  { name: 'data', path: '/data/:dataset?', keys: 'g d', component: () => import('./pages/data/DataPage.vue') },
  { name: 'inspect', path: '/inspect', keys: 'g i', component: () => import('./pages/inspect/InspectPage.vue') },
  { name: 'index', path: '/index', keys: 'g x', component: () => import('./pages/index/IndexPage.vue') },
  { name: 'serve', path: '/serve', keys: 'g v', component: () => import('./pages/serve/ServePage.vue') },
  { name: 'settings', path: '/settings', keys: 'g s', component: () => import('./pages/settings/SettingsPage.vue') },
] as const satisfies readonly (RouteRecordRaw & { keys: string | null })[]

export type PageName = (typeof PAGES)[number]['name']
export const NAVIGATION = PAGES.filter((page) => page.keys !== null)

/** The text key of a page's title. */
export const pageTitle = (page: PageName): TextKey => (page === 'new-run' ? 'newRun.title' : `${page}.title`)

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    ...PAGES.map(({ name, path, component }) => ({ name, path, component })),
    { path: '/runs', redirect: '/' },
    { name: 'nowhere', path: '/:rest(.*)*', component: () => import('./pages/nowhere/NowherePage.vue') },
  ],
})
