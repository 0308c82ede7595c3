/**
 * Routes. Hash history works under the custom protocol and the browser host alike; a view's state is in its query, so
 * every view is a link.
 */
import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import type { TextKey } from './composables/texts.ts'

/** Pages by route name. Those with `nav` stand in the navigation, in this order. */
export const PAGES = [
  { name: 'runs', path: '/', nav: true, component: () => import('./pages/runs/RunsPage.vue') },
  { name: 'run', path: '/runs/:run', nav: false, component: () => import('./pages/run/RunPage.vue') },
  { name: 'compare', path: '/compare', nav: true, component: () => import('./pages/compare/ComparePage.vue') },
  { name: 'new-run', path: '/new', nav: true, component: () => import('./pages/new-run/NewRunPage.vue') },
  { name: 'data', path: '/data/:dataset?', nav: true, component: () => import('./pages/data/DataPage.vue') },
  { name: 'inspect', path: '/inspect', nav: true, component: () => import('./pages/inspect/InspectPage.vue') },
  { name: 'index', path: '/index', nav: true, component: () => import('./pages/index/IndexPage.vue') },
  { name: 'serve', path: '/serve', nav: true, component: () => import('./pages/serve/ServePage.vue') },
  { name: 'settings', path: '/settings', nav: true, component: () => import('./pages/settings/SettingsPage.vue') },
] as const satisfies readonly (RouteRecordRaw & { nav: boolean })[]

export type PageName = (typeof PAGES)[number]['name']

/** The text key of a page's title. */
export const pageTitle = (page: PageName): TextKey => (page === 'new-run' ? 'newRun.title' : `${page}.title`)

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [...PAGES.map(({ name, path, component }) => ({ name, path, component })), { path: '/:rest(.*)*', redirect: '/' }],
})
